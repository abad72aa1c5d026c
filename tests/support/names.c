/* Answers for names that a test has made up, without a name server and without /etc/hosts.
 *
 * $CCI_SSH_TEST_NAMES holds `name=answer` words: addresses with commas between them, in the order in which they are
 * given out, or the number of an EAI_ error of getaddrinfo(3) (`gone.example=-2`). Every other name is looked up as usual. Loaded with LD_PRELOAD; compiled by home.rs. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* The answers for all addresses of the list, one behind the other; freeaddrinfo(3) frees each by itself. */
static int each(lookup *next, char *addresses, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    struct addrinfo **end = result;
    int error = EAI_NONAME;

    *result = NULL;
    for (char *address = strtok(addresses, ","); address != NULL; address = strtok(NULL, ",")) {
        int failed = next(address, service, hints, end);
        if (failed != 0) {
            error = failed;
            *end = NULL;
            continue;
        }
        while (*end != NULL)
            end = &(*end)->ai_next;
    }
    return *result != NULL ? 0 : error;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    lookup *next = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *names = getenv("CCI_SSH_TEST_NAMES");
    size_t length = node == NULL ? 0 : strlen(node);
    char answer[128];

    /* ssh asks in this way whether a name is an address already. */
    if (hints != NULL && (hints->ai_flags & AI_NUMERICHOST))
        names = NULL;
    for (const char *word = length > 0 ? names : NULL; word != NULL && *word != '\0';) {
        size_t size = strcspn(word, " ");
        if (size > length + 1 && size - length - 1 < sizeof answer && word[length] == '='
            && strncmp(word, node, length) == 0) {
            memcpy(answer, word + length + 1, size - length - 1);
            answer[size - length - 1] = '\0';
            return answer[0] == '-' ? atoi(answer) : each(next, answer, service, hints, result);
        }
        word += size + strspn(word + size, " ");
    }
    return next(node, service, hints, result);
}
