/** How reports look: text as memleak's users know it, JSON as CONTRACT.md, section 7, has it. */
package io.unfreed.cli.output;
