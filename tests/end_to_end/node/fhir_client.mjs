// A FHIR client that is not ours (fhir-kit-client) does the work of both parties and tells what it saw as one line of JSON.
//
//   node fhir_client.mjs BASE HOME REGISTRATION-FILE
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

// The fetch of Node has no client certificates; without it the library brings one that has.
for (const name of ['fetch', 'Headers', 'Request', 'Response']) delete globalThis[name];
const {default: Client} = await import('fhir-kit-client');

const [baseUrl, home, registrationFile] = process.argv.slice(2);

function connectAs(party) {
  return new Client({
    baseUrl,
    requestOptions: {
      ca: readFileSync(`${home}/tls/ca.crt`),
      cert: readFileSync(`${home}/tls/parties/${party}.crt`),
      key: readFileSync(`${home}/tls/parties/${party}.key`),
    },
  });
}

const rules = (outcome) => outcome.issue.flatMap((issue) => issue.details?.coding ?? []).map((coding) => coding.code);

// What a call that must be refused was refused with.
async function refusal(call) {
  try {
    await call;
    return null;
  } catch (error) {
    if (!error.response) throw error;
    return {status: error.response.status, rules: rules(error.response.data)};
  }
}

const provider = connectAs('opella');
const municipality = connectAs('gemeente-ede');
const registration = JSON.parse(readFileSync(registrationFile));
const seen = {};

const statement = await provider.capabilityStatement();
seen.statement = {fhirVersion: statement.fhirVersion, resources: statement.rest[0].resource.map((resource) => resource.type)};

const answer = await provider.transaction({body: registration});
seen.transaction = {type: answer.type, status: answer.entry.map((entry) => entry.response.status)};
const repeated = await provider.transaction({body: registration});
seen.repeatIsTheSame = JSON.stringify(repeated) === JSON.stringify(answer);

const search = (client, resourceType, searchParams) =>
  client.search({resourceType, searchParams, options: {postSearch: true}});
const byBsn = 'http://fhir.nl/fhir/NamingSystem/bsn|999900006';
const clients = await search(municipality, 'Patient', {identifier: byBsn});
seen.patients = clients.entry.map((entry) => entry.resource);
const waiting = await search(municipality, 'Task', {status: 'requested'});
const task = waiting.entry[0].resource;
seen.task = {count: waiting.entry.length, status: task.status};
const read = await municipality.read({resourceType: 'Patient', id: task.for.reference.split('/')[1]});
seen.readFamily = read.name[0].family;

seen.unknown = await refusal(provider.read({resourceType: 'Task', id: task.id}));
seen.searchInUrl = await refusal(municipality.search({resourceType: 'Patient', searchParams: {identifier: byBsn}}));
const lonePatient = registration.entry.find(({resource}) => resource.resourceType === 'Patient').resource;
seen.lonePatient = await refusal(provider.create({resourceType: 'Patient', body: lonePatient}));

await municipality.update({resourceType: 'Task', id: task.id, body: {...task, status: 'received'}});
const after = await search(municipality, 'Task', {status: 'requested'});
seen.waitingAfterReceived = (after.entry ?? []).length;
await municipality.update({resourceType: 'Task', id: task.id, body: {...task, status: 'accepted'}});
const receipts = await search(provider, 'Task', {});
seen.receipt = receipts.entry.map(({resource}) => ({status: resource.status, key: resource.identifier[0].value}));

console.log(JSON.stringify(seen));
process.exit(0);  // connections that are kept alive would hold the process
