// A gRPC client that is not ours (@grpc/grpc-js), with the published schema as it stands, does the work of both parties and
// tells what it saw as one line of JSON.
//
//   node grpc_client.mjs TARGET HOME SCHEMAS TODAY
import {readFileSync} from 'node:fs';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const [target, home, schemas, today] = process.argv.slice(2);
const {schotvrij: {v1}} = grpc.loadPackageDefinition(
  loader.loadSync('schotvrij/v1/services.proto', {includeDirs: [schemas], keepCase: true, enums: String, longs: String}));
const errors = await new protobuf.Root().load(`${schemas}/schotvrij/errors/v1/error_details.proto`);

function connectAs(party, Service) {
  const read = (file) => readFileSync(`${home}/tls/${file}`);
  return new Service(target, grpc.credentials.createSsl(
    read('ca.crt'), read(`parties/${party}.key`), read(`parties/${party}.crt`)));
}

// The standard error model: google.rpc.Status in a trailer, its details by their type.
function detailsOf(error) {
  const [trailer] = error.metadata.get('grpc-status-details-bin');
  if (!trailer) return null;
  const read = (type, bytes) => errors.lookupType(`schotvrij.errors.v1.${type}`).decode(bytes).toJSON();
  const status = errors.lookupType('schotvrij.errors.v1.Status').decode(trailer);
  return Object.fromEntries(status.details.map(({type_url: url, value}) => {
    const type = url.split('.').pop();
    return [type, read(type, value)];
  }));
}

function call(client, method, request) {
  return new Promise((resolve, reject) =>
    client[method](request, {deadline: Date.now() + 30000}, (error, reply) => error ? reject(error) : resolve(reply)));
}

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return {code: grpc.status[error.code], details: detailsOf(error)};
  }
}

// Items of a stream, to its end, or until `most` came and the client drops it.
function watch(client, request, most = Infinity) {
  return new Promise((resolve, reject) => {
    const items = [];
    const stream = client.Watch(request);
    stream.on('data', (item) => {
      items.push(item);
      if (items.length >= most) stream.cancel();
    });
    stream.on('error', (error) => error.code === grpc.status.CANCELLED ? resolve(items) : reject(error));
    stream.on('end', () => resolve(items));
  });
}

function registration(key, bsn) {
  return {
    request_id: key,
    network: 'ede',
    recipient: {system: 'cbs', value: '0228'},
    client: {bsn, name: {own_name: 'Testmeer', own_prefix: 'van der', given_names: 'Proefje'}, birth_date: '1941-03-07'},
    registration: {
      step: 'REGISTER',
      attestations: [{criterion: 'target-group', verdict: 'MET', criteria_version: 'ede-2024', checked_on: today,
        checker_function: '30.000'}],
      consents: [{consent_id: `consent-${key}`, scope: 'PRIVACY', state: 'CONSENT_ACTIVE', decision: 'PERMIT', given_on: today,
        given_by: 'CLIENT_SELF', purposes: ['REGISTRATION'], recipients: ['cbs|0228']}],
    },
  };
}

const provider = connectAs('opella', v1.RegistrationService);
const providerBox = connectAs('opella', v1.MailboxService);
const municipality = connectAs('gemeente-ede', v1.MailboxService);
const seen = {};

const first = registration('grpc-1', '999900018');
const made = await call(provider, 'Register', first);
seen.network = made.network;
seen.repeatIsTheSame = (await call(provider, 'Register', first)).message_id === made.message_id;
await call(provider, 'Register', registration('grpc-2', '999900031'));
seen.refused = await refusal(call(provider, 'Register', registration('grpc-3', '999900019')));

const ids = (items) => items.map((item) => item.delivery_id);
const dropped = await watch(municipality, {wait: true}, 1);
const resumed = await watch(municipality, {wait: false});
seen.dropped = dropped.length;
seen.resumed = resumed.length;
seen.resumedFromTheSame = ids(resumed)[0] === ids(dropped)[0];
seen.client = resumed[0].exchange.client;

seen.acknowledged = (await call(municipality, 'Acknowledge', {delivery_ids: ids(resumed)})).acknowledged;
seen.acknowledgedAgain = (await call(municipality, 'Acknowledge', {delivery_ids: ids(resumed)})).acknowledged ?? 0;
seen.afterAcknowledge = (await watch(municipality, {wait: false})).length;

seen.noReason = await refusal(call(municipality, 'Answer', {delivery_id: ids(resumed)[0], state: 'REJECTED'}));
await call(municipality, 'Answer', {delivery_id: ids(resumed)[0], state: 'REJECTED', reason: 'not-resident'});
seen.notYours = await refusal(call(providerBox, 'Answer', {delivery_id: ids(resumed)[1], state: 'ACCEPTED'}));
seen.notThere = await refusal(call(providerBox, 'Answer', {delivery_id: '0'.repeat(32), state: 'ACCEPTED'}));
seen.receipts = (await watch(providerBox, {wait: false})).map(({exchange: {receipt}}) =>
  ({state: receipt.state, reason: receipt.reason, key: receipt.request_key}));

console.log(JSON.stringify(seen));
process.exit(0);
