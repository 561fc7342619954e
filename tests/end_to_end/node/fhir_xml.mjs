// A converter that is not ours (the package fhir) writes FHIR JSON as XML and the other way round, and says what it holds of a
// text. Reads [{to, text}] from standard input and tells the outcomes as one line of JSON.
import {readFileSync} from 'node:fs';
import fhir from 'fhir';

const converter = new fhir.Fhir();
const outcomes = {
  xml: (text) => converter.jsonToXml(text),
  json: (text) => converter.xmlToJson(text),
  valid: (text) => converter.validate(text),
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(({to, text}) => outcomes[to](text))));
