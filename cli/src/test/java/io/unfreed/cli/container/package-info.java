/** Tests against what runs in containers; skipped where no container engine answers. */
package io.unfreed.cli.container;
