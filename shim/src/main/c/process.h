/* SPDX-License-Identifier: Apache-2.0 */
/* Where a recording begins: settings from the environment, the arena, this image's place in it. */
#ifndef UNFREED_PROCESS_H
#define UNFREED_PROCESS_H

#include "state.h"

#define ENV_ARENA "UNFREED_SHIM"

/* Takes up the arena that the environment names, once; false when there is none. */
HIDDEN bool process_begin(void);
/* Whether it is known already that nothing is recorded here, or not any more. */
HIDDEN bool process_is_idle(void);
/* Takes up an arena by descriptor; 0 or -errno: -EALREADY while another recorder reads what is recorded here. */
HIDDEN int process_attach(int fd);
/* Ends the recording of an attached process, and leaves its memory. */
HIDDEN void process_detach(void);
/* Registers this image, or a child that a fork made; false when it is not to be recorded. */
HIDDEN bool process_enter(void);
/* The initial stack's environment (the program may have changed environ). */
HIDDEN char **initial_environment(void);
/* Where an arena is mapped, or its empty place, and how long that is: 0 for none. */
HIDDEN void *process_range(void);
HIDDEN uint64_t process_range_bytes(void);
/* In a child that a fork amid a record has made: it is recorded no more, and what is being written there is nobody's. */
HIDDEN void process_disown(void);
/* Tells of a child that is not registered and becomes another image, or is never recorded; false without room. */
HIDDEN bool announce_child(uint32_t tgid, const char *path);
/* An object was unloaded, or is about to be. */
HIDDEN void process_objects_changed(void);

#endif
