/**
 * The question "born in [A,B), live at C or freed in [C,D)": which blocks of a lane it chooses and
 * what they add up to. Pure; called by queries.
 */
package io.unfreed.streams.window;
