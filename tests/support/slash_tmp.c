/* Hides what lies in /tmp from the programs of a scratch home: agents of other tests, and of whoever runs them.
 *
 * Whoever lists /tmp sees $CCI_SSH_TEST_HOME/slash-tmp instead, which need not be there. Compiled by home.rs. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DIR *opendir(const char *name)
{
    DIR *(*next)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
    const char *home = getenv("CCI_SSH_TEST_HOME");
    char instead[4096];
    if (home != NULL && *home != '\0' && strcmp(name, "/tmp") == 0) {
        snprintf(instead, sizeof instead, "%s/slash-tmp", home);
        name = instead;
    }
    return next ? next(name) : NULL;
}
