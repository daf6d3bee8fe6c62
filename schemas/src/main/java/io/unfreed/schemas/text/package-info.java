/** Texts that others chose, as they may be printed or logged. Called by everybody. */
package io.unfreed.schemas.text;
