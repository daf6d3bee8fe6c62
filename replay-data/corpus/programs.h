#ifndef PROGRAMS_H
#define PROGRAMS_H

struct program {
	const char *name;
	void (*run)(void);
};
extern const struct program programs[];
extern const unsigned program_count;

/* So many, the first ones, are recorded together, the others each in a way of its own. */
extern const unsigned together_count;

/* What every program of any size holds beside: more bytes, and more blocks, than most of the leaks. */
void settings(void);

#endif
