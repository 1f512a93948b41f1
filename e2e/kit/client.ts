import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { fetchLocal, type LocalResponse, type Sovereign } from './sovereign.ts';

/** The API as one user. Methods throw with the whole problem when an answer is not what was hoped for. */
export interface Client {
  readonly token: string;
  call(method: string, path: string, body?: unknown): Promise<LocalResponse>;
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  plan(environment: string, request: PlanRequest): Promise<Plan>;
  apply(environment: string, plan: Plan): Promise<{ commits: { application: string; revision: string }[] }>;
  change(
    environment: string,
    request: PlanRequest,
  ): Promise<{ commits: { application: string; revision: string }[] }>;
  application(environment: string, name: string): Promise<ApplicationView & Record<string, unknown>>;
  /** Waits for a state, with the last answer in the error. */
  waitFor(
    environment: string,
    name: string,
    wanted: (view: ApplicationView) => boolean,
    timeoutMs?: number,
  ): Promise<ApplicationView>;
}

/** Email and password of the first sovereign-admin of every test. */
export const admin = {
  name: 'Layla',
  email: 'layla@example.net',
  password: 'correct horse battery',
} as const;

/** Completes set-up by the printed link. */
export async function setUp(sovereign: Sovereign): Promise<void> {
  const response = await fetchLocal(sovereign.port, 'localhost', '/v1/setup', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: sovereign.url },
    body: JSON.stringify({ token: sovereign.setupToken(), ...admin }),
  });
  if (response.status !== 201) throw new Error(`set-up: ${response.status} ${response.body}`);
}

/** A client with a personal access token. */
export function createClient(sovereign: Sovereign, token: string): Client {
  const call = (method: string, path: string, body?: unknown) =>
    fetchLocal(sovereign.port, 'localhost', path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: 60_000,
    });
  const client: Client = {
    token,
    call,
    async json<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await call(method, path, body);
      if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${response.body}`);
      return (response.body === '' ? undefined : JSON.parse(response.body)) as T;
    },
    plan: (environment, request) =>
      client.json<Plan>('POST', `/v1/environments/${environment}/plans`, request),
    async apply(environment, plan) {
      if (plan.problems.length > 0)
        throw new Error(`the plan has problems: ${JSON.stringify(plan.problems, null, 2)}`);
      return client.json('POST', `/v1/environments/${environment}/plans/${plan.id}/apply`);
    },
    change: async (environment, request) =>
      client.apply(environment, await client.plan(environment, request)),
    application: (environment, name) =>
      client.json('GET', `/v1/environments/${environment}/applications/${name}`),
    async waitFor(environment, name, wanted, timeoutMs = 60_000) {
      const until = Date.now() + timeoutMs;
      let last: unknown;
      while (Date.now() < until) {
        const response = await call('GET', `/v1/environments/${environment}/applications/${name}`).catch(
          (error: unknown) => ({ status: 0, body: String(error), headers: {} }),
        );
        last = response.body;
        if (response.status === 200) {
          const view = JSON.parse(response.body) as ApplicationView;
          last = { state: view.state, why: view.why, pods: view.pods, instances: view.instances };
          if (wanted(view)) return view;
        }
        await wait(100);
      }
      throw new Error(
        `${environment}/${name} did not get there in ${timeoutMs} ms: ${JSON.stringify(last, null, 2)}`,
      );
    },
  };
  return client;
}
