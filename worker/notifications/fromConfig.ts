import type { Config } from '../../platform/config/config';
import { createMailer } from '../../platform/notify/email';
import { createSlack } from '../../platform/notify/slack';
import type { TellingBy } from '../../store/queueNotifications';
import type { Sending } from './sendNotification';

/** Which channels the configuration names. */
export function tellingBy({ notifications }: Pick<Config, 'notifications'>): TellingBy {
  const { smtpUrl, slackBotToken, slackChannels } = notifications;
  const byQueue = Object.fromEntries(slackChannels.map(({ queue, channel }) => [queue, channel]));
  return { email: smtpUrl !== undefined, slackChannels: slackBotToken === undefined ? null : byQueue };
}

/** What sends on these channels; null where there are none. */
export function channelsOf({
  notifications,
  http,
}: Pick<Config, 'notifications' | 'http'>): Pick<Sending, 'publicUrl' | 'mail' | 'slack'> | null {
  const { smtpUrl, from, slackBotToken, slackApiUrl } = notifications;
  const { publicUrl } = http;
  // The configuration is refused where links would lead nowhere.
  if (publicUrl === undefined || (smtpUrl === undefined && slackBotToken === undefined)) return null;
  return {
    publicUrl: publicUrl.replace(/\/+$/, ''),
    mail: smtpUrl === undefined || from === undefined ? null : mailOver(smtpUrl, from),
    slack: slackBotToken === undefined ? null : createSlack({ token: slackBotToken, apiUrl: slackApiUrl }),
  };
}

function mailOver(smtpUrl: string, from: string): NonNullable<Sending['mail']> {
  return { mailer: createMailer({ smtpUrl, from }), domain: /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost' };
}
