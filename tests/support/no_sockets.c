/* A system that has no Unix sockets to listen on, as Windows has none for its ssh.
 *
 * With $CCI_SSH_TEST_NO_SOCKETS in the environment bind(2) refuses them. Loaded with LD_PRELOAD; compiled by home.rs. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

typedef int binder(int, const struct sockaddr *, socklen_t);

int bind(int descriptor, const struct sockaddr *address, socklen_t length)
{
    binder *next = (binder *)dlsym(RTLD_NEXT, "bind");

    if (address != NULL && address->sa_family == AF_UNIX && getenv("CCI_SSH_TEST_NO_SOCKETS") != NULL) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return next(descriptor, address, length);
}
