import type { BankClass } from './classes';

/**
 * What the bank has approved to say about a class. `{account.balance}` is a slot: it is filled with the fact of that name.
 * The first text whose slots can all be filled is used; where there is none, a person writes.
 */
export interface ApprovedText {
  readonly title: string;
  readonly texts: readonly string[];
}

export const APPROVED_TEXTS: Readonly<Record<BankClass, ApprovedText>> = {
  card_lost: {
    title: 'Card lost',
    texts: [
      `I'm sorry that your card is missing. Please freeze it now: in the app, open Cards, choose {cards.list} and tap "Freeze card". A frozen card can't be used, and you can lift the freeze at any time if it turns up.

If you are sure it is gone, tap "Report as lost" in the same place. We then cancel the card for good and send a new one to your address within five working days, free of charge. Without the app, call our card line on 08081 570 114, day and night.`,
    ],
  },
  card_stolen: {
    title: 'Card stolen',
    texts: [
      `I'm very sorry to hear that. Please stop the card at once: in the app, open Cards, choose {cards.list} and tap "Report as stolen", or call our card line on 08081 570 114, day and night. We cancel it immediately and send a new one within five working days, free of charge.

Then look through your recent payments and report every one that isn't yours under "Not my payment". Please report the theft to the police as well and keep the reference: we may ask you for it.`,
    ],
  },
  card_arrival: {
    title: 'Card arrival',
    texts: [
      `Your new card ending in {newCard.lastFour} was posted on {newCard.sentOn} and should reach you by {newCard.expectedBy}. Cards come in a plain white envelope without a tracking number, and the PIN is shown in the app under Cards.

If it hasn't come by then, tap "My card didn't arrive" in the app: we cancel it and send another one free of charge.`,
    ],
  },
  pin_blocked: {
    title: 'PIN blocked',
    texts: [
      `A PIN is blocked after three wrong entries. You can see your PIN in the app: open Cards, choose your card and tap "Show PIN". To unblock it, tap "Unblock PIN" there, then use the right PIN once in a shop or at a cash machine.

To choose another PIN, use "PIN services" at any of our cash machines. We never send a PIN by message or tell it on the phone.`,
    ],
  },
  transfer_pending: {
    title: 'Transfer pending',
    texts: [
      `Your transfer of {pendingTransfer.amount} to {pendingTransfer.payee} from {pendingTransfer.on} is still being processed. It should be with the other bank by {pendingTransfer.expectedBy}.

There is nothing you need to do. Transfers within the country usually arrive within minutes, but a check can take until the end of the next working day, and weekends don't count. If it hasn't arrived by that date, write to us again and we will trace it.`,
    ],
  },
  transfer_failed: {
    title: 'Transfer failed',
    texts: [
      `Your transfer of {failedTransfer.amount} to {failedTransfer.payee} on {failedTransfer.on} was not carried out, because {failedTransfer.reason}. No money is lost: it is on your account, or will be back there within one working day.

{failedTransfer.cure} After that you can send it again from the app under Payments.`,
    ],
  },
  wrong_amount: {
    title: 'Wrong amount',
    texts: [
      `If you sent a transfer with the wrong amount, please ask the person who received it to send back the difference: we can't take money back without their consent. If they don't react, tap the payment in the app and choose "Recall payment"; we then ask their bank for you.

If a shop or a cash machine took a wrong amount from your card, tap the payment and choose "Wrong amount", and add a photo of the receipt. We answer within five working days.`,
    ],
  },
  unknown_charge: {
    title: 'Unknown charge',
    texts: [
      `Shops often appear under the name of their parent company, so please tap the payment in the app first: it shows the full name, the place and the time. Please also ask anyone else who uses your card.

If it still isn't yours, freeze the card under Cards and choose "Not my payment". We cancel the card, send a new one and examine the payment; you hear from us within five working days.`,
    ],
  },
  direct_debit_cancel: {
    title: 'Cancel a direct debit',
    texts: [
      `You can cancel a direct debit yourself: in the app, open Payments, then "Direct debits", choose the company and tap "Cancel". The companies that collected from your account in the last 30 days are: {directDebits.list}.

Please cancel at least one working day before the next collection, and tell the company as well, because cancelling the direct debit doesn't end your contract with it. If it collects again, we give the money back under the direct debit guarantee.`,
      `You can cancel a direct debit yourself: in the app, open Payments, then "Direct debits", choose the company and tap "Cancel". Please do so at least one working day before the next collection.

Tell the company as well, because cancelling the direct debit doesn't end your contract with it. If it collects again, we give the money back under the direct debit guarantee.`,
    ],
  },
  balance: {
    title: 'Balance',
    texts: [
      `The balance of your {account.name} ending in {account.lastFour} is {account.balance}. Of this, {account.available} is available to you now; the difference is payments that are reserved but not booked yet.

You can see both at any time on the first page of the app.`,
    ],
  },
  statement: {
    title: 'Statement',
    texts: [
      `You can download your statements of the last seven years as PDF: in the app or online, open your account ending in {account.lastFour}, tap "Statements" and choose the months. There you can also export your payments as a CSV file, and switch between paper and electronic statements.

If an authority needs a stamped copy, choose "Certified copy" in the same place. It comes by post within five working days.`,
    ],
  },
  fees: {
    title: 'Fees',
    texts: [
      `Our current account is free of charge for customers under 26 and for everyone who pays in at least 1,200.00 GBP a month. Otherwise it costs 4.50 GBP a month, booked on the last working day. Transfers within the country, direct debits and replacement cards are free; a transfer abroad costs 5.00 GBP.

Each fee on your account has its reason beside it: tap it in the app. The full list of charges is under Profile, "Prices".`,
    ],
  },
  exchange_rate: {
    title: 'Exchange rate',
    texts: [
      `For card payments in another currency we use the Visa rate of the day on which the payment is booked, and add 1.5 %. For transfers we use our own rate, which the app shows before you confirm.

You can see today's rates in the app under Payments, "Currencies"; the rate of a payment that was booked is shown when you tap it. If a terminal asks, choose to pay in the local currency: its own rate is usually worse.`,
    ],
  },
  top_up: {
    title: 'Top up',
    texts: [
      `You can pay money in by transfer with the details that the app shows under Account, "My details", with a debit card of another bank under "Add money" (up to 1,000.00 GBP a day), or in cash and by cheque at our branches and cash machines with a deposit slot.

Cash and card payments are credited within minutes, transfers usually the same day, and cheques after two working days. If a top up was declined, the other bank has refused it: please ask there, or pay in by transfer.`,
    ],
  },
  loan: {
    title: 'Loan',
    texts: [
      `We offer personal loans from 1,000.00 to 25,000.00 GBP over one to seven years, at a representative 6.9 % APR. In the app under Products, "Loan", you see your own rate and monthly payment before you apply; looking doesn't affect your credit score. Most decisions are made within one working day.

For a loan you have already, tap it in the app: you find the next instalment there, and you can repay early, pay more, or ask for a payment break.`,
    ],
  },
  mortgage: {
    title: 'Mortgage question',
    texts: [
      `Our mortgage advisers will gladly help with buying, remortgaging, overpayments and the end of a fixed rate. Please book a free appointment in the app under Products, "Mortgage", or on 020 7946 0180 on working days from 8 to 18; video appointments are often free the next day.

Please have your last three payslips, your statements of the last three months and an identity document at hand. An agreement in principle is usually ready within one working day.`,
    ],
  },
  address_change: {
    title: 'Address change',
    texts: [
      `Please change your address in the app: open Profile, then "Personal details", and tap your address. You need your password and a photo of a document that shows the new address, such as a tenancy agreement or a utility bill. It is changed within one working day, for all your accounts and cards.

If you move abroad, choose the country there; the app tells you whether you can keep the account.`,
    ],
  },
  name_change: {
    title: 'Name change',
    texts: [
      `Please open Profile, then "Personal details" in the app, tap your name and add a photo of the document that shows the new one: a marriage certificate, a deed poll, a decree absolute, or a passport where we misspelled it. You can also bring it to a branch.

The change takes two working days. We then send you new cards with your new name, free of charge; the old ones work until you activate them.`,
    ],
  },
  close_account: {
    title: 'Close an account',
    texts: [
      `We are sorry that you want to leave. To close your account, open it in the app, tap "Account settings", then "Close account", and name the account to which the remaining money should go. It is free of charge and takes up to ten working days. A joint account needs the consent of both of you.

If you change banks, ask the new one for the switch service: it moves your direct debits and standing orders for you. Please save your statements before the account is closed.`,
    ],
  },
  open_account: {
    title: 'Open an account',
    texts: [
      `You can open a further account in the app under Products, "New account": a current, joint, savings or children's account. For a joint account or a child we need an identity document of the other person; all takes about ten minutes and is usually ready the same day.

Someone who isn't a customer yet installs our app and chooses "Become a customer". They need a passport or identity card and a proof of address. An application that was interrupted can be continued for 30 days.`,
    ],
  },
  overdraft: {
    title: 'Overdraft',
    texts: [
      `Your {account.name} ending in {account.lastFour} has an arranged overdraft of {account.overdraftLimit}. Interest is 19.9 % a year on what you use, charged at the end of the month; beyond the arranged limit, payments are usually refused and cost nothing.

You can raise, lower or remove it in the app under Account, "Overdraft". You see the answer at once.`,
      `Your {account.name} ending in {account.lastFour} has no arranged overdraft. You can apply for one in the app under Account, "Overdraft", and see the answer at once. Interest is 19.9 % a year on what you use, charged at the end of the month; payments beyond your balance are usually refused and cost nothing.`,
    ],
  },
  savings_rate: {
    title: 'Savings rate',
    texts: [
      `Your {savings.name} ending in {savings.lastFour} bears {savings.rate} % a year at the moment. The rate is variable; interest is calculated daily and paid on the first working day of each month.

Current rates of all our savings accounts, fixed terms among them, are in the app under Products, "Savings".`,
      `Our instant saver bears 3.10 % a year at the moment. The rate is variable; interest is calculated daily and paid on the first working day of each month, and you can get at your money at any time.

Current rates of all our savings accounts, fixed terms among them, are in the app under Products, "Savings". You can open one there in a few minutes.`,
    ],
  },
  contactless_limit: {
    title: 'Contactless limit',
    texts: [
      `The contactless limit of your card ending in {card.lastFour} is {card.contactlessLimit} for one payment. You can change it up to 100.00 GBP or switch contactless off in the app: open Cards, choose the card and tap "Limits".

Now and then, and after several contactless payments in a row, the terminal asks for the PIN for your safety. Payments by phone or watch have no contactless limit of ours.`,
      `You find the contactless limit of each card in the app: open Cards, choose the card and tap "Limits". You can change it there up to 100.00 GBP for one payment, or switch contactless off.

Now and then, and after several contactless payments in a row, the terminal asks for the PIN for your safety. Payments by phone or watch have no contactless limit of ours.`,
    ],
  },
  card_limit: {
    title: 'Card limit',
    texts: [
      `With your card ending in {card.lastFour} you can pay up to {card.dailyLimit} and withdraw up to {card.cashLimit} in cash a day. You can lower or raise both in the app: open Cards, choose the card and tap "Limits". A higher limit holds at once, and you can let it end after a day or a week.

To raise the credit line of a credit card, tap "Ask for a higher credit limit" there; we answer within one working day.`,
      `You find the limits of each card in the app: open Cards, choose the card and tap "Limits". You can lower or raise there what can be paid and withdrawn a day. A higher limit holds at once, and you can let it end after a day or a week.`,
    ],
  },
  travel_notice: {
    title: 'Travel notice',
    texts: [
      `You don't need to tell us about your journey: your cards work in almost every country. In the app under Cards, "Where my card works", you can see the countries and switch regions on or off.

Please check before you leave that we have your current phone number, so that we can ask you if a payment looks unusual, and take the number of our card line with you: +44 20 7946 0114, day and night.`,
    ],
  },
  cash_abroad: {
    title: 'Cash withdrawal abroad',
    texts: [
      `You can withdraw cash with your card at every cash machine with the Visa sign. We charge 2.00 GBP for a withdrawal abroad; in another currency we use the Visa rate and add 1.5 %. Some machines charge a fee of their own, which they must show before you confirm.

If the machine offers to convert the amount into pounds, decline: its rate is usually worse. With a credit card, interest is due from the day of the withdrawal.`,
    ],
  },
  refund_status: {
    title: 'Refund status',
    texts: [
      `We can see your refund of {refund.amount} from {refund.merchant}: it came in on {refund.on} and is {refund.state}.

If you expect a different one, it hasn't reached us yet: from the day on which the shop sends it, a refund to a card takes up to seven working days. Refunds to a card that was replaced arrive all the same.`,
      `We can't see a refund for you in the {transactions.period}. From the day on which the shop sends it, a refund to a card takes up to seven working days. If these are over, please ask the shop for the reference of the refund and send it to us: with it we can search for the money.

Refunds to a card that was replaced arrive all the same.`,
    ],
  },
  complaint: {
    title: 'Complaint',
    texts: [
      `I'm sorry that we have disappointed you. Your message is registered as a complaint, and a colleague who was not involved will look into it. You hear from us within three working days, and have a full answer in writing within eight weeks at the latest.

If you would like to add something, please reply to this message. Should our answer not satisfy you, you can turn to the Financial Ombudsman Service free of charge.`,
    ],
  },
  fraud_report: {
    title: 'Fraud report',
    texts: [
      `Please act at once: call our fraud line on 08081 570 199, day and night, and freeze your cards in the app under Cards. If you gave away a password or a code, change your password now under Profile, "Security".

Don't reply to the message or the caller, and don't open any link from it. We never ask for passwords, PINs or codes, and never ask you to move money to a "safe account". Please also report it to Action Fraud or your local police, and keep all messages as evidence.`,
    ],
  },
  login_problem: {
    title: 'Login problem',
    texts: [
      `Please try this first: update the app, restart your phone, and choose "Forgot password" on the first page. You then get a link by email, which works for 30 minutes. After five wrong entries the login is blocked for one hour and opens by itself.

For a new phone, choose "Set up a new device" and have your card at hand. If the security code doesn't arrive because your number has changed, call 020 7946 0122 on working days from 8 to 20: we check who you are and enter the new number.`,
    ],
  },
};
