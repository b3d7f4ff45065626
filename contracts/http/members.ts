import { z } from 'zod';
import { ROLES } from '../words/roles';
import { clearText, time } from './fields';
import { defineOperation } from './operation';
import { nextCursor, pageQuery } from './paging';

const fields = {
  name: clearText.trim().min(1).max(100),
  email: z.email().max(254).nullable(),
  slackUserId: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/, "must be a Slack member's id, such as U012AB3CD")
    .nullable(),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  queues: z.array(clearText.min(1).max(100)).max(100),
  locale: z
    .string()
    .max(35)
    .refine(isLocale, 'must be a language tag by BCP 47, such as en-GB')
    .nullable()
    .meta({ description: 'A language tag by BCP 47; null: that of the installation.' }),
};

const DESCRIPTIONS = {
  email: { description: 'Shown to administrators only; null to everybody else.' },
  queues: { description: 'The queues whose reviews the member is told of; empty: of all.' },
};

export const member = z
  .object({
    id: z.string().meta({ example: 'mem_0123456789abcdef' }),
    ...fields,
    email: fields.email.meta(DESCRIPTIONS.email),
    slackUserId: fields.slackUserId.meta(DESCRIPTIONS.email),
    queues: fields.queues.meta(DESCRIPTIONS.queues),
    createdAt: time,
    deactivatedAt: time.nullable(),
  })
  .meta({ id: 'Member' });

export const memberBody = z
  .strictObject({
    name: fields.name,
    roles: fields.roles,
    email: fields.email.default(null),
    slackUserId: fields.slackUserId.default(null),
    queues: fields.queues.default([]).meta(DESCRIPTIONS.queues),
    locale: fields.locale.default(null),
  })
  .meta({ id: 'MemberBody' });

export const memberChanges = z
  .strictObject(fields)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'must change something')
  .meta({ id: 'MemberChanges' });

const memberParams = z.object({ memberId: clearText.max(64).meta({ example: 'mem_0123456789abcdef' }) });
const tag = 'administration';

export const postMember = defineOperation({
  id: 'postMember',
  method: 'post',
  path: '/v1/members',
  access: 'admin',
  tag,
  summary: 'Make a member',
  description: 'Whoever administers members may give any role, those that they lack too.',
  body: memberBody,
  answers: { 201: { description: 'The member.', schema: member } },
  refusals: ['input_invalid'],
});

export const listMembers = defineOperation({
  id: 'listMembers',
  method: 'get',
  path: '/v1/members',
  access: 'authenticated',
  tag,
  summary: 'List members',
  description: 'Needs the scope `reviews:read` or `admin`.',
  query: z.strictObject(pageQuery),
  answers: {
    200: {
      description: 'All members of the tenant, the oldest first, deactivated ones too.',
      schema: z.object({ items: z.array(member), nextCursor }),
    },
  },
  refusals: [],
});

export const getMember = defineOperation({
  id: 'getMember',
  method: 'get',
  path: '/v1/members/{memberId}',
  access: 'authenticated',
  tag,
  summary: 'Read a member',
  description: 'Needs the scope `reviews:read` or `admin`.',
  params: memberParams,
  answers: { 200: { description: 'The member.', schema: member } },
  refusals: ['member_unknown'],
});

export const patchMember = defineOperation({
  id: 'patchMember',
  method: 'patch',
  path: '/v1/members/{memberId}',
  access: 'admin',
  tag,
  summary: 'Change a member',
  description:
    "Changes what is given and leaves the rest. What it takes from the roles ends within 5 seconds for the member's keys and sessions.",
  params: memberParams,
  body: memberChanges,
  answers: { 200: { description: 'The member as changed.', schema: member } },
  refusals: ['member_unknown', 'input_invalid'],
});

export const deleteMember = defineOperation({
  id: 'deleteMember',
  method: 'delete',
  path: '/v1/members/{memberId}',
  access: 'admin',
  tag,
  summary: 'Deactivate a member',
  description:
    'Their keys and sessions stop working within 5 seconds on every process. The member stays, since decisions name it.',
  params: memberParams,
  answers: { 204: { description: 'It is deactivated.' } },
  refusals: ['member_unknown'],
});

export const postSignInLink = defineOperation({
  id: 'postSignInLink',
  method: 'post',
  path: '/v1/members/{memberId}/sign-in-links',
  access: 'admin',
  tag,
  summary: 'Make a sign-in link for a member',
  description: 'It works once, within an hour, in a browser on the machine that runs the API.',
  params: memberParams,
  answers: {
    201: {
      description: 'The link below the address of the API, shown this once.',
      schema: z
        .object({ path: z.string().meta({ example: '/sign-in?token=…' }), expiresAt: time })
        .meta({ id: 'SignInLink' }),
    },
  },
  refusals: ['member_unknown'],
});

export const memberOperations = [postMember, listMembers, getMember, patchMember, deleteMember, postSignInLink];

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
