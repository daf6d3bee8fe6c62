/** Answers in formats that other tools read (docs/formats.md). */
package io.unfreed.render.export;
