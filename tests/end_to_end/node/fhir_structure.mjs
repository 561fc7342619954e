// The structure of FHIR R4 types as a library that is not ours (the package fhir) has it, from HL7's own definitions. Reads the
// names of types from standard input and tells {type: [[element, type of it, whether it is a list]]}; parts of a type by their path.
import {readFileSync} from 'node:fs';
import fhir from 'fhir';

const definitions = new fhir.Fhir().parser.parsedStructureDefinitions;
const structure = {};

function tell(path, properties) {
  structure[path] = properties.filter(({_name}) => !_name.startsWith('_')).map(({_name, _type, _multiple, _properties}) => {
    const parts = ['BackboneElement', 'Element'].includes(_type) && _properties?.length > 0;
    if (parts) tell(`${path}.${_name}`, _properties);
    return [_name, parts ? `${path}.${_name}` : _type, _multiple];
  });
}

for (const type of JSON.parse(readFileSync(0, 'utf8'))) {
  if (definitions[type]) tell(type, definitions[type]._properties);
}
console.log(JSON.stringify(structure));
