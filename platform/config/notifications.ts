import { z } from 'zod';
import { setting } from './setting';

const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' });
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const slackChannel = z.strictObject({
  queue: z.string().min(1).max(100),
  channel: z.string().regex(/^[CG][A-Z0-9]{2,20}$/, "must be a Slack channel's id, such as C012AB3CD"),
});

/** How members are told of reviews. Without a mail server and a Slack token nobody is told, and nothing is queued. */
export const notifications = z.strictObject({
  smtpUrl: setting(smtpUrl.optional(), {
    env: 'COUNTERSIGN_SMTP_URL',
    doc: 'The mail server that tells members of reviews. Default none: no e-mail is sent. Secret.',
    cure: 'Set COUNTERSIGN_SMTP_URL to smtps://user:password@host:465 or smtp://host:587?requireTLS=true, or COUNTERSIGN_SMTP_URL_FILE to a file that holds it.',
    secret: true,
  }),
  from: setting(z.string().min(3).max(320).optional(), {
    env: 'COUNTERSIGN_MAIL_FROM',
    doc: 'The sender of these e-mails. Default none; needed with a mail server.',
    cure: 'Give an address such as Countersign <countersign@example.com>.',
  }),
  slackBotToken: setting(z.string().min(1).optional(), {
    env: 'SLACK_BOT_TOKEN',
    doc: 'The bot token of the Slack app, with the scope chat:write. Default none: nothing is posted. Secret.',
    cure: 'Set SLACK_BOT_TOKEN, or SLACK_BOT_TOKEN_FILE to a file that holds it.',
    secret: true,
  }),
  slackSigningSecret: setting(z.string().min(1).optional(), {
    env: 'SLACK_SIGNING_SECRET',
    doc: 'The signing secret of the Slack app, by which a click is known to come from Slack. Default none. Secret.',
    cure: 'Set SLACK_SIGNING_SECRET, or SLACK_SIGNING_SECRET_FILE to a file that holds it.',
    secret: true,
  }),
  slackApiUrl: setting(httpUrl.default('https://slack.com/api/'), {
    env: 'SLACK_API_URL',
    doc: "Where Slack's Web API is. Default https://slack.com/api/.",
    cure: 'Give an address that ends in a slash.',
  }),
  slackChannels: setting(z.array(slackChannel).max(1_000).default([]), {
    env: 'SLACK_CHANNELS',
    doc: 'The Slack channel of each queue: a list of { queue, channel }, as JSON in the environment; the queue * stands for all others. Default none: members with a Slack id are told directly.',
    cure: 'Give a list such as [{"queue":"support","channel":"C012AB3CD"}].',
  }),
});
