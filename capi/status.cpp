#include "boundary.hpp"

// The constants of the header have the values of the table.
#define X(name, code, message, kind, text) static_assert(LOOP_E##name == (code));
BOUCLE_STATUS_TABLE(X)
#undef X

const char *loop_status_name(int status) { return status_name(status); }
const char *loop_status_message(int status) { return status_message(status); }
