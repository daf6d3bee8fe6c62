package io.unfreed.bpf.ring;

/**
 * Offsets of the ring-buffer records, as unfreed.h defines them. Little-endian.
 *
 * <pre>
 *  header   0 type u16 | 2 count u16 | 4 tgid u32
 *  event    0 time u64 | 8 address u64 | 16 size u64 | 24 stack u32 | 28 tid u32
 *          32 kind u8 | 33 function u8 | 34 space u8 | 35 flags u8 | 36 reserved u32
 *  stack    0 header | 8 ref u32 | 12 generation u32 | 16 flags u32 | 20 reserved
 *          24 frames: ip u64, inode u64, file offset u64
 *  process  0 header | 8 time u64 | 16 start u64 | 24 kind u32 | 28 other u32 | 32 status u32
 *          36 generation u32 | 40 comm char[16]
 *  exec     0 process | 56 args bytes u32 | 60 reserved | 64 program | 88 args char[512]
 *  program  0 inode u64 | 8 size u64 | 16 device u32 | 20 generation u32
 * </pre>
 */
public final class RecordLayout {
  public static final int HEADER_BYTES = 8;
  public static final int EVENT_BYTES = 40;
  public static final int MAX_FRAMES = 127;

  static final int TYPE_EVENTS = 1;
  static final int TYPE_STACK = 2;
  static final int TYPE_PROCESS = 3;

  static final int HEADER_COUNT = 2;
  static final int HEADER_TGID = 4;

  static final int EVENT_TIME = 0;
  static final int EVENT_ADDRESS = 8;
  static final int EVENT_SIZE = 16;
  static final int EVENT_STACK = 24;
  static final int EVENT_TID = 28;
  static final int EVENT_KIND = 32;
  static final int EVENT_FUNCTION = 33;
  static final int EVENT_SPACE = 34;
  static final int EVENT_FLAGS = 35;

  static final int FLAG_THREAD_ENDS = 1;

  static final int STACK_REF = 8;
  static final int STACK_GENERATION = 12;
  static final int STACK_FLAGS = 16;
  static final int STACK_FRAMES = 24;

  static final int FRAME_IP = 0;
  static final int FRAME_INODE = 8;
  static final int FRAME_OFFSET = 16;
  static final int FRAME_BYTES = 24;

  static final int PROCESS_TIME = 8;
  static final int PROCESS_START = 16;
  static final int PROCESS_KIND = 24;
  static final int PROCESS_OTHER = 28;
  static final int PROCESS_STATUS = 32;
  static final int PROCESS_GENERATION = 36;
  static final int PROCESS_COMM = 40;
  static final int COMM_BYTES = 16;

  static final int EXEC_ARGS_BYTES = 56;
  static final int EXEC_PROGRAM = 64;
  static final int PROGRAM_BYTES = 24;
  static final int EXEC_ARGS = 88;
  static final int ARGS_BYTES = 512;

  /** Kinds of events. */
  public static final int ALLOC = 1;

  public static final int FREE = 2;
  public static final int RELEASE_INTENT = 3;
  public static final int OUTCOME_OK = 4;
  public static final int OUTCOME_FAILED = 5;
  public static final int MAP = 6;

  /** Address spaces. */
  public static final int HEAP = 1;

  public static final int MAPPING = 2;
  public static final int SLAB = 3;
  public static final int PAGE = 4;
  public static final int PERCPU = 5;

  private RecordLayout() {}
}
