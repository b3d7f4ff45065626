import { HttpStatusError, type IntegrationEnvironment } from './define';

/** How integrations and effects of the shipped task types call other systems over HTTP. */

/** Throws a TypeError where the process was given no address, so that a forgotten setting is seen at once. */
export function urlOf({ baseUrls }: IntegrationEnvironment, integration: string, path: string): string {
  const baseUrl = baseUrls[integration];
  if (baseUrl === undefined) {
    throw new TypeError(
      `no address is configured for the integration '${integration}': set its base URL in the configuration`,
    );
  }
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}

export async function getJson(url: string, { signal }: Pick<IntegrationEnvironment, 'signal'>): Promise<unknown> {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  await throwUnlessOk(response);
  return response.json();
}

/** Frees the connection before it throws: an unread body would keep it. */
export async function throwUnlessOk(response: Response): Promise<void> {
  if (response.ok) return;
  await response.body?.cancel();
  throw new HttpStatusError(response.status, retryAfterSeconds(response.headers.get('retry-after')));
}

/** The delta-seconds form of RFC 9110, section 10.2.3; null for the date form, which clocks can't be trusted with. */
function retryAfterSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
