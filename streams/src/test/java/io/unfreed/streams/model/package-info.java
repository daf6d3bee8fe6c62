/**
 * The truth that streams are tested against: a reference model of docs/contract.md, section 1,
 * random events, and what reports should say of them. Shares no code with the ledger.
 */
package io.unfreed.streams.model;
