/* Each file makes one library work, under its own words; main.c calls them in turn. 1: it works. */
int boucle_begin(void);
int boucle_works(void);
void boucle_end(void);
int other_begin(void);
int other_works(void);
void other_end(void);
