#include "boundary.hpp"

// The header's constants are those of the table.
#define X(name, code, message, kind, text) static_assert(LOOP_E##name == (code));
BOUCLE_STATUS_TABLE(X)
#undef X

const char *loop_status_name(int status) { return status_name(status); }
const char *loop_status_message(int status) { return status_message(status); }
