import type { Request } from 'express';
import { ProblemError } from './problems';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends cookies along with requests that other sites make it send. A request that changes something must therefore
 * say that it comes from this site; one that says nothing is refused.
 */
export function requireSameOrigin(request: Request, publicUrl: string | undefined): void {
  if (SAFE_METHODS.has(request.method)) return;
  const site = request.get('Sec-Fetch-Site');
  const origin = request.get('Origin');
  const isSaid = site !== undefined || origin !== undefined;
  const isSameSite = site === undefined || site === 'same-origin';
  const isSameOrigin = origin === undefined || ownOrigins(request, publicUrl).includes(origin);
  if (!isSaid || !isSameSite || !isSameOrigin) throw new ProblemError('csrf_refused');
}

function ownOrigins(request: Request, publicUrl: string | undefined): string[] {
  const direct = `${request.protocol}://${request.get('Host') ?? ''}`;
  return publicUrl === undefined ? [direct] : [direct, new URL(publicUrl).origin];
}
