import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter } from '../adapter';
import { Countersign } from '../countersign/system';

export const countersign: Adapter = {
  name: 'countersign',
  title: 'Countersign',
  version: () => {
    const { name, version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
      name: string;
      version: string;
    };
    return `${name} ${version}`;
  },
  notOffered: {},
  open: (world) => Countersign.open(world),
};
