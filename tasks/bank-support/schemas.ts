import { z } from 'zod';
import { OUT_OF_SCOPE, UNCLEAR } from '../../contracts/words/vocabulary';
import { BANK_CLASSES } from './classes';
import { CustomerId } from './contracts';

export const BankSupportInput = z.object({
  message: z.string().min(1).max(8_000).describe('What the customer wrote'),
  customerId: CustomerId.describe('Whom the core bank and the CRM know by it'),
});
export type BankSupportInput = z.infer<typeof BankSupportInput>;

export const BankSupportOutput = z.object({
  intent: z.enum([...BANK_CLASSES, OUT_OF_SCOPE, UNCLEAR]).describe('What the message is about'),
  reply: z.string().min(1).max(2_000).describe('What the customer is sent'),
  factsUsed: z.array(z.string().max(64)).max(50).describe('Names of the facts that the reply states'),
});
export type BankSupportOutput = z.infer<typeof BankSupportOutput>;
