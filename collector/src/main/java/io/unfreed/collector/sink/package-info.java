/** Where recordings go. Called by importers, the replayer and live sessions. */
package io.unfreed.collector.sink;
