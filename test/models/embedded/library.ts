import type { TrainingExample } from '../../../models/embedded/classifier';

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  opening_hours: [
    'when does the library open',
    'what are your opening hours on saturday',
    'is the library open on public holidays',
    'until when are you open tonight',
    'what time do you close today',
    'are you open on sunday morning',
    'tell me the opening times of the reading room',
    'how late is the library open during the week',
  ],
  renew_loan: [
    'please renew my books',
    'i want to keep this book for another two weeks',
    'can i extend the loan of my novel',
    'renew everything that i have borrowed',
    'my loan runs out tomorrow and i need more time',
    'extend my borrowed books please',
    'how do i renew a loan online',
    'could you prolong my loan by a week',
  ],
  pay_fee: [
    'how much do i owe in late fees',
    'i want to pay my fine',
    'why was i charged a fee for a late book',
    'where can i pay the overdue charge',
    'can i pay the late fee with a card',
    'what does a day of delay cost',
    'my account shows an unpaid fine',
    'settle the outstanding fee on my account',
  ],
  lost_card: [
    'i lost my library card',
    'my card was stolen yesterday please block it',
    'i need a replacement card',
    'i can not find my membership card anymore',
    'block my card it is gone',
    'how do i get a new card after losing mine',
    'somebody took my library card',
    'order a replacement for a damaged card',
  ],
};

/** Examples of four things that people ask a library, eight of each, written for these tests. */
export const LIBRARY_EXAMPLES: TrainingExample[] = Object.entries(TEXTS).flatMap(([name, texts]) =>
  texts.map((text) => ({ text, class: name })),
);
