/* Each file uses one library, with its own names; main.c calls them in turn. They return 1 if it works. */
int boucle_begin(void);
int boucle_works(void);
void boucle_end(void);
int other_begin(void);
int other_works(void);
void other_end(void);
