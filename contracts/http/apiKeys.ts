import { z } from 'zod';
import { SCOPES } from '../words/vocabulary';
import { clearText, time } from './fields';
import { defineOperation } from './operation';
import { nextCursor, pageQuery } from './paging';

const apiKeyFields = {
  id: z.string(),
  name: z.string(),
  prefix: z.string().meta({ description: 'The part of the key that may be shown.' }),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  lastUsedAt: time.nullable(),
  memberId: z
    .string()
    .nullable()
    .meta({ description: 'Whose key it is; null: it is a service, and an actor of its own.' }),
};

export const apiKey = z.object(apiKeyFields).meta({ id: 'ApiKey' });

export const apiKeyBody = z
  .strictObject({
    name: clearText.min(1).max(100),
    memberId: clearText
      .max(64)
      .optional()
      .meta({ description: 'The member whose key it is to be. Default: none; the key is a service.' }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .optional()
      .meta({ description: "Needed without a member. Default for a member: all that the member's roles give." }),
    expiresInDays: z.number().int().min(1).max(3650).optional().meta({ description: 'Default: it does not expire.' }),
  })
  .meta({ id: 'ApiKeyBody' });

export const postApiKey = defineOperation({
  id: 'postApiKey',
  method: 'post',
  path: '/v1/api-keys',
  access: 'admin',
  tag: 'administration',
  summary: 'Make an API key',
  description:
    "A key of a member acts as the member, with its scopes as far as the member's roles give them when it is used. Nobody makes a key without a member that may do more than their own.",
  body: apiKeyBody,
  answers: {
    201: {
      description: 'The key, shown this once.',
      schema: z.object({ ...apiKeyFields, key: z.string() }).meta({ id: 'NewApiKey' }),
    },
  },
  refusals: ['input_invalid', 'scope_required', 'member_unknown'],
});

export const listApiKeys = defineOperation({
  id: 'listApiKeys',
  method: 'get',
  path: '/v1/api-keys',
  access: 'admin',
  tag: 'administration',
  summary: 'List API keys, without the keys',
  query: z.strictObject(pageQuery),
  answers: {
    200: { description: 'All keys of the tenant.', schema: z.object({ items: z.array(apiKey), nextCursor }) },
  },
  refusals: [],
});

export const deleteApiKey = defineOperation({
  id: 'deleteApiKey',
  method: 'delete',
  path: '/v1/api-keys/{apiKeyId}',
  access: 'admin',
  tag: 'administration',
  summary: 'Revoke an API key',
  description: 'It stops working within 5 seconds on every process.',
  params: z.object({ apiKeyId: clearText.max(64) }),
  answers: { 204: { description: 'It is revoked.' } },
  refusals: ['api_key_unknown'],
});

export const getWebhookSecret = defineOperation({
  id: 'getWebhookSecret',
  method: 'get',
  path: '/v1/webhook-secret',
  access: 'admin',
  tag: 'administration',
  summary: "Read the secret that signs this tenant's webhooks",
  answers: {
    200: {
      description: 'A Standard Webhooks secret.',
      schema: z.object({ secret: z.string().meta({ example: 'whsec_…' }) }).meta({ id: 'WebhookSecret' }),
    },
  },
  refusals: [],
});

export const administrationOperations = [postApiKey, listApiKeys, deleteApiKey, getWebhookSecret];
