import * as client from 'openid-client';

/** What a sign-in that has begun must remember until the browser comes back. */
export interface SignInState {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The console as an ordinary relying party of the Sovereign's issuer: authorization code with PKCE, state and nonce. */
export interface RelyingParty {
  /** Where to send the browser, and what to remember. */
  begin(): Promise<{ readonly url: string; readonly remember: SignInState }>;
  /** The subject of the verified ID token. Throws when anything does not fit. */
  finish(callback: URL, remembered: SignInState): Promise<string>;
}

/** `fetch` reaches the issuer's endpoints; discovery happens at the first use. */
export function createRelyingParty(options: {
  issuer: string;
  clientId: string;
  redirectUri: string;
  fetch: client.CustomFetch;
}): RelyingParty {
  let discovered: Promise<client.Configuration> | undefined;

  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(options).catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
    return discovered;
  }

  return {
    async begin() {
      const remember = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: options.redirectUri,
        scope: 'openid',
        state: remember.state,
        nonce: remember.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(remember.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, remember };
    },
    async finish(callback, remembered) {
      const tokens = await client.authorizationCodeGrant(await configuration(), callback, {
        expectedState: remembered.state,
        expectedNonce: remembered.nonce,
        pkceCodeVerifier: remembered.verifier,
        idTokenExpected: true,
      });
      const subject = tokens.claims()?.sub;
      if (!subject) throw new Error('the ID token names nobody');
      return subject;
    },
  };
}

async function discover(options: {
  issuer: string;
  clientId: string;
  fetch: client.CustomFetch;
}): Promise<client.Configuration> {
  const insecure = options.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
  return client.discovery(new URL(options.issuer), options.clientId, undefined, client.None(), {
    [client.customFetch]: options.fetch,
    // The ID token's signature is checked against the issuer's keys, although it came directly from it.
    execute: [...insecure, client.enableNonRepudiationChecks],
  });
}
