/** Stack identity: content hashes of module-relative frames, the same on every host. */
package io.unfreed.schemas.stack;
