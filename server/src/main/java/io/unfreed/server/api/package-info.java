/** What can be asked under /api/v1/: parameters in, the command line's JSON out; and the page. */
package io.unfreed.server.api;
