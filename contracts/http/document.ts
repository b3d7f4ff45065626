import { createDocument } from 'zod-openapi';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { HTTP_STATUS_OF_CODE } from '../words/errorCodes';
import type { ErrorCode } from '../words/errorCodes';
import { administrationOperations } from './apiKeys';
import { claimOperations } from './claims';
import { decisionOperations } from './decisions';
import { eventOperations } from './events';
import { healthOperations } from './health';
import { memberOperations } from './members';
import { notificationOperations } from './notifications';
import { noteOperations } from './notes';
import type { Operation } from './operation';
import { problem } from './problem';
import { questionOperations } from './questions';
import { reviewerOperations } from './reviewers';
import { reviewOperations } from './reviews';
import { taskTypeOperations } from './taskTypes';
import { taskOperations } from './tasks';

/** Every call of the interface. */
export const operations: readonly Operation[] = [
  ...taskOperations,
  ...reviewOperations,
  ...claimOperations,
  ...decisionOperations,
  ...eventOperations,
  ...questionOperations,
  ...noteOperations,
  ...taskTypeOperations,
  ...administrationOperations,
  ...memberOperations,
  ...notificationOperations,
  ...reviewerOperations,
  ...healthOperations,
];

/** The OpenAPI 3.1 document of the interface, made from the schemas that validate. */
export function openApiDocument() {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1.0.0',
      description:
        'AI tasks that are countersigned, by a person or by earned autonomy. Problems are RFC 9457 with a closed `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: pathsOf(operations),
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `cs_…`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'countersign_session',
          description: 'A session, from a sign-in link.',
        },
      },
    },
  });
}

function pathsOf(all: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of all) (paths[operation.path] ??= {})[operation.method] = described(operation);
  return paths;
}

function described(operation: Operation): ZodOpenApiOperationObject {
  const { params, query, headers, body, access } = operation;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...answersOf(operation), ...problemsOf(operation) },
    security: access === 'public' ? [] : [{ apiKey: [] }, { session: [] }],
    ...(access === 'public' ? {} : { 'x-access': access }),
  };
}

function answersOf({ answers }: Operation): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, answer] of Object.entries(answers)) {
    const { description, schema, headers, mediaType = 'application/json' } = answer;
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description,
      ...(headers === undefined ? {} : { headers }),
      ...(schema === undefined ? {} : { content: { [mediaType]: { schema } } }),
    };
  }
  return responses;
}

const REFUSALS_OF_ALL: readonly ErrorCode[] = [
  'unauthenticated',
  'scope_required',
  'csrf_refused',
  'request_invalid',
  'unavailable',
  'internal',
];

function problemsOf({ access, refusals, answers, body, problemHeaders }: Operation): ZodOpenApiResponsesObject {
  const ofBody: ErrorCode[] =
    body === undefined ? [] : ['not_json', 'unsupported_media_type', 'input_too_large', 'input_invalid'];
  const codes = new Set([...refusals, ...ofBody, ...(access === 'public' ? [] : REFUSALS_OF_ALL)]);
  const responses: ZodOpenApiResponsesObject = {};
  for (const status of new Set([...codes].map((code) => HTTP_STATUS_OF_CODE[code]))) {
    if (status in answers) continue;
    const here = [...codes].filter((code) => HTTP_STATUS_OF_CODE[code] === status);
    responses[`${status}`] = {
      description: here.join(', '),
      ...(problemHeaders === undefined ? {} : { headers: problemHeaders }),
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  return responses;
}
