/**
 * Verdicts: what a stack accumulates, in bounded state that adds up over lanes, and the judgement
 * whether it leaks, with the evidence. Pure; knows no events, no records and no clock. Filled by
 * the ledger, judged where reports are made.
 */
package io.unfreed.streams.verdict;
