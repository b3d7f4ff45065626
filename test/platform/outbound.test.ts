import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkOutboundUrl, OutboundRefusedError, sendGuarded } from '../../platform/outbound';
import type { GuardedRequest, OutboundPolicy, Resolve } from '../../platform/outbound';

const STRICT: OutboundPolicy = { allowPrivateAddresses: false };
const OPEN: OutboundPolicy = { allowPrivateAddresses: true };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const resolvingTo =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

async function refusalOf(url: string, policy: OutboundPolicy): Promise<string> {
  const error: unknown = await checkOutboundUrl(url, policy).then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof OutboundRefusedError ? error.why : 'allowed';
}

function post(url: string, rest: Partial<GuardedRequest> = {}): GuardedRequest {
  return { url, method: 'POST', headers: {}, body: '{}', policy: OPEN, timeoutSeconds: 5, ...rest };
}

describe('the check of an address to call', () => {
  it.each([
    ['not an address', 'not_a_url'],
    ['/relative', 'not_a_url'],
    ['ftp://example.com/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['https://user:secret@example.com/', 'credentials_in_url'],
    ['http://127.0.0.1/', 'address_not_allowed'],
    ['http://0x7f.1/', 'address_not_allowed'],
    ['http://2130706433/', 'address_not_allowed'],
    ['http://0.0.0.0/', 'address_not_allowed'],
    ['http://10.1.2.3/', 'address_not_allowed'],
    ['http://172.16.0.1/', 'address_not_allowed'],
    ['http://192.168.1.1/', 'address_not_allowed'],
    ['http://100.64.0.1/', 'address_not_allowed'],
    ['http://169.254.169.254/latest/meta-data', 'address_not_allowed'],
    ['http://224.0.0.1/', 'address_not_allowed'],
    ['http://255.255.255.255/', 'address_not_allowed'],
    ['http://198.18.0.1/', 'address_not_allowed'],
    ['http://[::1]/', 'address_not_allowed'],
    ['http://[::]/', 'address_not_allowed'],
    ['http://[::ffff:127.0.0.1]/', 'address_not_allowed'],
    ['http://[::127.0.0.1]/', 'address_not_allowed'],
    ['http://[64:ff9b::7f00:1]/', 'address_not_allowed'],
    ['http://[2002:7f00:1::]/', 'address_not_allowed'],
    ['http://[fe80::1]/', 'address_not_allowed'],
    ['http://[fd00::1]/', 'address_not_allowed'],
    ['http://[ff02::1]/', 'address_not_allowed'],
  ])('refuses %s: %s', async (url, why) => {
    expect(await refusalOf(url, STRICT)).toBe(why);
  });

  it.each(['http://93.184.216.34/', 'https://[2606:2800:220:1::1]/hook'])('lets %s pass', async (url) => {
    expect(await refusalOf(url, STRICT)).toBe('allowed');
  });

  it('refuses a name when one of its addresses is private', async () => {
    const policy = { ...STRICT, resolve: resolvingTo('93.184.216.34', '10.0.0.7') };
    expect(await refusalOf('https://hooks.example/', policy)).toBe('address_not_allowed');
  });

  it('lets a name pass when all of its addresses are public', async () => {
    expect(await refusalOf('https://hooks.example/', { ...STRICT, resolve: resolvingTo('93.184.216.34') })).toBe(
      'allowed',
    );
  });

  it('refuses a name that does not exist, and not one whose name server is down', async () => {
    const failing =
      (code: string): Resolve =>
      () =>
        Promise.reject(Object.assign(new Error(code), { code }));
    expect(await refusalOf('https://none.example/', { ...STRICT, resolve: failing('ENOTFOUND') })).toBe('name_unknown');
    expect(await refusalOf('https://some.example/', { ...STRICT, resolve: failing('EAI_AGAIN') })).toBe('allowed');
  });

  it('refuses the metadata service, multicast and the unspecified address even where private addresses are allowed', async () => {
    for (const host of ['169.254.169.254', '224.0.0.1', '0.0.0.0', '[fd00:ec2::254]'])
      expect(await refusalOf(`http://${host}/`, OPEN)).toBe('address_not_allowed');
    for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.1.1'])
      expect(await refusalOf(`http://${host}/`, OPEN)).toBe('allowed');
  });

  it('shows no part of the URL in its message', () => {
    expect(new OutboundRefusedError('credentials_in_url').message).not.toContain('secret');
  });
});

describe('a guarded request', () => {
  it('sends the body and headers, and gives status and answer', async () => {
    let seen = '';
    const url = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => (seen += `${request.headers['x-kind']}:${chunk.toString()}`));
      request.on('end', () => response.writeHead(201).end('made'));
    });
    const answer = await sendGuarded(post(url, { headers: { 'x-kind': 'test' }, body: '{"a":1}' }));
    expect({ seen, status: answer.status, body: answer.body }).toEqual({
      seen: 'test:{"a":1}',
      status: 201,
      body: 'made',
    });
  });

  it('reaches no private address, by number or by name', async () => {
    let calls = 0;
    const url = await serve((_request, response) => response.end(String((calls += 1))));
    await expect(sendGuarded(post(url, { policy: STRICT }))).rejects.toThrow(OutboundRefusedError);
    const byName = url.replace('127.0.0.1', 'hooks.example');
    const policy = { ...STRICT, resolve: resolvingTo('127.0.0.1') };
    await expect(sendGuarded(post(byName, { policy }))).rejects.toThrow(OutboundRefusedError);
    expect(calls).toBe(0);
  });

  it('refuses a name that turns private after it was checked', async () => {
    let calls = 0;
    const url = (await serve((_request, response) => response.end(String((calls += 1))))).replace(
      '127.0.0.1',
      'rebind.example',
    );
    const answers = ['93.184.216.34', '127.0.0.1'];
    const policy: OutboundPolicy = { ...STRICT, resolve: () => resolvingTo(answers.shift() ?? '127.0.0.1')('') };
    expect(await refusalOf(url, policy)).toBe('allowed');
    await expect(sendGuarded(post(url, { policy }))).rejects.toThrow(OutboundRefusedError);
    expect(calls).toBe(0);
  });

  it('does not follow a redirect', async () => {
    let calls = 0;
    const target = await serve((_request, response) => response.end(String((calls += 1))));
    const url = await serve((_request, response) => response.writeHead(307, { location: target }).end());
    expect((await sendGuarded(post(url))).status).toBe(307);
    expect(calls).toBe(0);
  });

  it('ends after its time-out when nothing is answered, and when the answer never ends', async () => {
    const silent = await serve(() => undefined);
    await expect(sendGuarded(post(silent, { timeoutSeconds: 0.1 }))).rejects.toThrow(/timeout/i);
    const endless = await serve((_request, response) => void response.writeHead(200).write('x'));
    await expect(sendGuarded(post(endless, { timeoutSeconds: 0.1 }))).rejects.toThrow(/timeout/i);
  });

  it('ends when the caller gives up', async () => {
    const silent = await serve(() => undefined);
    const controller = new AbortController();
    const sending = sendGuarded(post(silent, { signal: controller.signal }));
    controller.abort(new Error('given up'));
    await expect(sending).rejects.toThrow('given up');
  });

  it('reads 64 KiB of an answer and no more', async () => {
    const url = await serve((_request, response) => response.end('y'.repeat(1_000_000)));
    expect((await sendGuarded(post(url))).body).toHaveLength(65_536);
  });

  it('fails when nobody listens', async () => {
    await expect(sendGuarded(post('http://127.0.0.1:1/'))).rejects.toThrow('ECONNREFUSED');
  });
});
