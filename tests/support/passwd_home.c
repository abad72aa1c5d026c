/* Makes the scratch home of a test the home of the current user in the password database.
 *
 * ssh looks for ~/.ssh in the passwd entry and not in $HOME. Loaded with LD_PRELOAD, this answers getpwuid(3) and
 * getpwnam(3) for the current user with $CCI_SSH_TEST_HOME as the directory and leaves every other answer as it is.
 * Compiled by home.rs. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static void move_home(struct passwd *entry)
{
    const char *home = getenv("CCI_SSH_TEST_HOME");
    if (entry != NULL && home != NULL && *home != '\0' && entry->pw_uid == getuid())
        entry->pw_dir = (char *)home;
}

struct passwd *getpwuid(uid_t uid)
{
    struct passwd *(*next)(uid_t) = (struct passwd * (*)(uid_t)) dlsym(RTLD_NEXT, "getpwuid");
    struct passwd *entry = next ? next(uid) : NULL;
    move_home(entry);
    return entry;
}

struct passwd *getpwnam(const char *name)
{
    struct passwd *(*next)(const char *) = (struct passwd * (*)(const char *)) dlsym(RTLD_NEXT, "getpwnam");
    struct passwd *entry = next ? next(name) : NULL;
    move_home(entry);
    return entry;
}

int getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
    int (*next)(uid_t, struct passwd *, char *, size_t, struct passwd **) =
        (int (*)(uid_t, struct passwd *, char *, size_t, struct passwd **))dlsym(RTLD_NEXT, "getpwuid_r");
    int status = next ? next(uid, entry, buffer, size, result) : -1;
    if (status == 0)
        move_home(*result);
    return status;
}

int getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
    int (*next)(const char *, struct passwd *, char *, size_t, struct passwd **) =
        (int (*)(const char *, struct passwd *, char *, size_t, struct passwd **))dlsym(RTLD_NEXT, "getpwnam_r");
    int status = next ? next(name, entry, buffer, size, result) : -1;
    if (status == 0)
        move_home(*result);
    return status;
}
