import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { testImage } from './images.ts';

// A shell as process 1 ignores SIGTERM unless it says otherwise; a good citizen ends at once.
const serve =
  'mkdir -p /tmp/www; echo "$GREETING" > /tmp/www/index.html; trap "exit 0" TERM; httpd -f -p 8080 -h /tmp/www & wait';

/** Configuration of `bp-web-app` for a small web server that says its greeting, with more on top. */
export function webApp(greeting: string, more: JsonObject = {}): JsonObject {
  return {
    image: testImage('busybox'),
    command: ['/bin/sh', '-c'],
    args: [serve],
    port: 8080,
    environment: [{ name: 'GREETING', value: greeting }],
    ...more,
  };
}
