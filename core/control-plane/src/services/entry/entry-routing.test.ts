import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { EntryRoute } from '../../ports/entry-routes.ts';
import type { Installation } from '../application-controller/installations.ts';
import { toRoutes } from './entry-routing.ts';

const host = 'blog.acme-dev.localhost';
const installation = (paused = false) =>
  ({
    application: 'blog',
    environment: 'acme-dev',
    declaration: { hosts: [host], paused },
  }) as unknown as Installation;
const view = (state: string, message?: string) =>
  ({
    state,
    ...(message === undefined ? {} : { why: { reason: 'X', message } }),
  }) as unknown as ApplicationView;
const backend = { host, path: '/', address: '10.96.0.9', port: 80 };
const known: EntryRoute = {
  host,
  application: 'blog',
  environment: 'acme-dev',
  backends: [{ path: '/', address: '10.96.0.1', port: 80 }],
  state: 'Running',
  message: '',
};

describe('toRoutes', () => {
  it('has a route from the first moment on, with what is waited for', () => {
    assert.deepEqual(
      toRoutes(
        {
          installation: installation(),
          routes: undefined,
          view: view('Installing', 'The image is being pulled.'),
        },
        new Map(),
      ),
      [
        {
          host,
          application: 'blog',
          environment: 'acme-dev',
          backends: [],
          state: 'Installing',
          message: 'The image is being pulled.',
        },
      ],
    );
  });

  it('keeps the backends of before until the release has been reported since the start', () => {
    const before = new Map([[host, known]]);
    assert.deepEqual(toRoutes({ installation: installation(), routes: undefined, view: undefined }, before), [
      known,
    ]);
    const [route] = toRoutes(
      { installation: installation(), routes: [backend], view: view('Running') },
      before,
    );
    assert.deepEqual(route?.backends, [{ path: '/', address: '10.96.0.9', port: 80 }]);
  });

  it('has the longest path first, whatever the order of the report', () => {
    const routes = [backend, { ...backend, path: '/api/v1' }, { ...backend, path: '/api' }];
    const [route] = toRoutes({ installation: installation(), routes, view: view('Running') }, new Map());
    assert.deepEqual(
      route?.backends.map(({ path }) => path),
      ['/api/v1', '/api', '/'],
    );
  });

  it('leads nowhere while it is scaled to zero, and says so; a Pod of its own is still led to', () => {
    const words = 'It is scaled to zero: nothing runs.';
    const atZero = (desired: number) =>
      ({ ...view('Paused', words), pods: { ready: desired, desired } }) as ApplicationView;
    const [route] = toRoutes(
      { installation: installation(), routes: [backend], view: atZero(0) },
      new Map([[host, known]]),
    );
    assert.deepEqual([route?.backends, route?.state, route?.message], [[], 'Paused', words]);
    const [other] = toRoutes({ installation: installation(), routes: [backend], view: atZero(1) }, new Map());
    assert.equal(other?.backends.length, 1);
  });

  it('leads nowhere while paused, and takes no host of others', () => {
    const paused = toRoutes(
      { installation: installation(true), routes: [backend], view: view('Paused', 'It is paused.') },
      new Map([[host, known]]),
    );
    assert.deepEqual(paused[0]?.backends, []);
    const [route] = toRoutes(
      {
        installation: installation(),
        routes: [{ ...backend, host: 'other.acme-dev.localhost' }],
        view: view('Running'),
      },
      new Map(),
    );
    assert.deepEqual(route?.backends, []);
    assert.match(route?.message ?? '', /no web address/);
  });
});
