import assert from 'node:assert/strict';
import test from 'node:test';
import type { ApplicationState, ApplicationView } from '@catalyst/model/views/application-view.ts';
import {
  applyStream,
  type EnvironmentState,
  parseEventId,
  type StreamInput,
  unknownEnvironment,
} from './environment-stream.ts';
import { filterApplications, groupByState } from './states.ts';

const view = (name: string, state: ApplicationState = 'Running'): ApplicationView => ({
  organization: 'acme',
  environment: 'acme-dev',
  name,
  blueprint: { name: 'bp-web-app', version: '1.0.0', digest: '' },
  state,
  paused: false,
  pods: { ready: 1, desired: 1 },
  hosts: [],
  dependencies: [],
  usedBy: [],
  revision: '',
  instances: [],
  notEnforced: [],
});
const play = (...inputs: StreamInput[]): EnvironmentState => inputs.reduce(applyStream, unknownEnvironment);
const snapshot: StreamInput = { type: 'snapshot', id: 'e1.10', applications: [view('a'), view('b')] };
const change = (id: string, name: string, state: ApplicationState): StreamInput => ({
  type: 'application',
  id,
  application: view(name, state),
});
const names = (state: EnvironmentState) => [...state.applications.keys()].sort();

test('nothing is known before the first snapshot, also once the connection is open', () => {
  assert.equal(play({ type: 'opened' }).known, false);
  assert.equal(play({ type: 'opened' }).connection, 'connecting');
});

test('a snapshot replaces what was there', () => {
  const state = play(snapshot, { type: 'snapshot', id: 'e2.1', applications: [view('c')] });
  assert.deepEqual(names(state), ['c']);
  assert.deepEqual([state.epoch, state.revision, state.connection], ['e2', 1, 'live']);
});

test('changes add, replace and remove', () => {
  const state = play(snapshot, change('e1.11', 'a', 'Failed'), change('e1.12', 'c', 'Installing'), {
    type: 'removed',
    id: 'e1.13',
    name: 'b',
  });
  assert.deepEqual(names(state), ['a', 'c']);
  assert.equal(state.applications.get('a')?.state, 'Failed');
});

test('a change that is older than the snapshot does not bring the past back', () => {
  const state = play(snapshot, change('e1.9', 'a', 'Failed'));
  assert.equal(state.applications.get('a')?.state, 'Running');
  assert.equal(state.revision, 10);
});

test('a lower revision of a new epoch is news', () => {
  const state = play(snapshot, change('e2.1', 'a', 'Failed'));
  assert.equal(state.applications.get('a')?.state, 'Failed');
});

test('a lost connection keeps what is known, says so, and heals', () => {
  const lost = play(snapshot, { type: 'lost' });
  assert.equal(lost.connection, 'lost');
  assert.deepEqual(names(lost), ['a', 'b']);
  assert.equal(applyStream(lost, { type: 'opened' }).connection, 'live');
  assert.equal(applyStream(lost, change('e1.11', 'a', 'Updating')).connection, 'live');
});

test('event ids: the revision is what follows the last dot', () => {
  assert.deepEqual(parseEventId('01J.x.42'), { epoch: '01J.x', revision: 42 });
  for (const bad of ['', '42', '.5', 'e1.', 'e1.x', 'e1.1.5e400'])
    assert.equal(parseEventId(bad).revision === -1 || bad === 'e1.', true, bad);
});

test('sections come in a fixed order, sorted by name, without empty ones', () => {
  const groups = groupByState([view('z'), view('b', 'Paused'), view('a'), view('c', 'Failed')]);
  assert.deepEqual(
    groups.map((group) => [group.state, group.applications.map((item) => item.name)]),
    [
      ['Failed', ['c']],
      ['Running', ['a', 'z']],
      ['Paused', ['b']],
    ],
  );
});

test('one that is held stays in its section, and says there what it has become', () => {
  const groups = groupByState([view('a', 'Updating'), view('b'), view('c', 'Failed')], {
    name: 'a',
    state: 'Running',
  });
  assert.deepEqual(
    groups.map(({ state, applications }) => [
      state,
      applications.map((item) => `${item.name} ${item.state}`),
    ]),
    [
      ['Failed', ['c Failed']],
      ['Running', ['a Updating', 'b Running']],
    ],
  );
});

test('the filter looks at name, Blueprint and state', () => {
  const items = [view('shop'), view('db', 'Failed')];
  assert.equal(filterApplications(items, 'web-app').length, 2);
  assert.deepEqual(
    filterApplications(items, 'FAILED d').map((item) => item.name),
    ['db'],
  );
});
