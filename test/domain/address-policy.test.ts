import t from 'tap';
import {
  AddressPolicy,
  defaultAddressRules,
  isAddressRule,
  plainAddress,
} from '../../src/domain/address-policy.ts';

const all = new AddressPolicy(['loopback', 'private', 'public', '0.0.0.0/0', '::/0']);

t.test('some addresses are never allowed, whatever the rules and in any spelling', async (t) => {
  const never = [
    ...[
      '169.254.169.254',
      '169.254.0.1',
      '0.0.0.0',
      '0.1.2.3',
      '255.255.255.255',
      '224.0.0.1',
      '239.255.255.250',
    ],
    ...['100.100.100.200', '168.63.129.16', '192.0.0.192'],
    ...[
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'ff02::1',
      'fd00:ec2::254',
      'fd20:ce::254',
      'FD00:0EC2:0::254',
    ],
    ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:0:169.254.169.254', '::ffff:0.0.0.0'],
    ...['64:ff9b::a9fe:a9fe', '64:ff9b::169.254.169.254', '2002:a9fe:a9fe::', '2002:a9fe:a9fe::1'],
    ...['64:ff9b::6464:64c8', '2002:6464:64c8::1', '', 'localhost', 'example.com', '1.2.3.4:80'],
  ];
  for (const address of never) t.type(all.whyRefused(address), 'string', address);
});

t.test('each class is allowed by its name alone', async (t) => {
  const classes: Record<string, string[]> = {
    loopback: [
      '127.0.0.1',
      '127.255.0.9',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
    ],
    private: [
      '10.0.0.7',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      'fc00::1',
      'fd12:3456::1',
      '::ffff:10.0.0.7',
      '64:ff9b::a00:7',
      '2002:a00:7::1',
    ],
    public: ['1.1.1.1', '172.32.0.1', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'],
    // Allowed by no class: documentation, benchmarks, tunnels, what nobody was given.
    '-': [
      '192.0.2.1',
      '198.51.100.1',
      '198.18.0.1',
      '240.0.0.1',
      '2001:db8::1',
      '2001:0:1::1',
      '64:ff9b:1::7f00:1',
      '::7f00:1',
      'fec0::1',
      '4000::1',
      '100::1',
    ],
  };
  for (const [name, addresses] of Object.entries(classes))
    for (const address of addresses)
      for (const allowed of ['loopback', 'private', 'public'])
        t.equal(
          new AddressPolicy([allowed]).whyRefused(address) === undefined,
          allowed === name,
          `${address} with ${allowed}`,
        );
  for (const address of Object.values(classes).flat()) {
    t.type(new AddressPolicy([]).whyRefused(address), 'string', `${address} with nothing`);
  }
});

t.test('a network allows what is in it, also what a spelling of IPv6 leads to', async (t) => {
  const policy = new AddressPolicy(['10.1.0.0/16', 'fd12::/16', '127.0.0.1', '192.0.2.0/24']);
  for (const address of [
    '10.1.2.3',
    '::ffff:10.1.2.3',
    '64:ff9b::a01:203',
    'fd12::7',
    '127.0.0.1',
    '192.0.2.7',
  ])
    t.equal(policy.whyRefused(address), undefined, address);
  for (const address of ['10.2.0.1', 'fd13::7', '127.0.0.2', '::1', '8.8.8.8'])
    t.match(policy.whyRefused(address), /connect\.allow/, address);
});

t.test('what a rule may be', async (t) => {
  for (const rule of [
    'loopback',
    'private',
    'public',
    '10.0.0.0/8',
    '10.0.0.7',
    'fd00::/8',
    '::1',
    '0.0.0.0/0',
  ])
    t.equal(isAddressRule(rule), true, rule);
  for (const rule of [
    '',
    'linkLocal',
    'any',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10/8',
    '0x7f.0.0.1',
    '::/129',
    'fe80::1%eth0',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
  ])
    t.equal(isAddressRule(rule), false, rule);
});

t.test(
  'without rules: the internet, and this machine for a daemon that only this machine reaches',
  async (t) => {
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'localhost'])
      t.strictSame(defaultAddressRules(host), ['public', 'loopback'], host);
    for (const host of ['0.0.0.0', '::', '10.0.0.7', 'studio.local'])
      t.strictSame(defaultAddressRules(host), ['public'], host);
  },
);

t.test('one spelling for each address', async (t) => {
  t.equal(plainAddress('::ffff:7f00:1'), '127.0.0.1');
  t.equal(plainAddress('0:0:0:0:0:0:0:1'), '::1');
  t.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
  t.equal(plainAddress('wall.local'), 'wall.local');
});
