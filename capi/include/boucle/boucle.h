/* Boucle: the umbrella header. Its conventions open boucle/base.h. */
#ifndef BOUCLE_BOUCLE_H
#define BOUCLE_BOUCLE_H

#include <boucle/base.h>
#include <boucle/status.h>
#include <boucle/value.h>
#include <boucle/exception.h>
#include <boucle/loop.h>
#include <boucle/future.h>
#include <boucle/task.h>
#include <boucle/coroutine.h>
#include <boucle/combine.h>
#include <boucle/sync.h>
#include <boucle/queue.h>
#include <boucle/context.h>
#include <boucle/host.h>
#include <boucle/executor.h>
#include <boucle/concurrent.h>

#endif
