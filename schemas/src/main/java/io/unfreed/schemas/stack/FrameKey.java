package io.unfreed.schemas.stack;

import java.util.Objects;

/**
 * What makes a frame the same frame on another host (docs/contract.md, section 3). Closed
 * alternatives: which one a source uses depends on what it recorded, never on local files.
 */
public sealed interface FrameKey {
  /** The source recorded the build id of the module. */
  record InBuild(String buildIdHex, long address) implements FrameKey {
    public InBuild {
      Objects.requireNonNull(buildIdHex, "buildIdHex");
    }
  }

  /** The source recorded the module's path only. */
  record InModule(String module, long address) implements FrameKey {
    public InModule {
      Objects.requireNonNull(module, "module");
    }
  }

  /** An address outside any module. */
  record Raw(long address) implements FrameKey {}

  /** Interpreted heaptrack when a function is known; empty texts where a part is not. */
  record Named(String module, String function, String file, int line, boolean inlined)
      implements FrameKey {
    public Named {
      Objects.requireNonNull(module, "module");
      Objects.requireNonNull(function, "function");
      Objects.requireNonNull(file, "file");
    }
  }
}
