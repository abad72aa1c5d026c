/* A security key that never signs, as a SecurityKeyProvider (PROTOCOL.u2f, "Middleware"): what it does instead is in
 * CCI_SSH_TEST_AUTHENTICATOR: "untouched" says that nobody touched it, "pin" wants a PIN and takes none, "waits" waits. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GENERAL (-1)
#define PIN_REQUIRED (-3)

const char *marker = "sk_api_version";

uint32_t sk_api_version(void) { return 0x000a0000; }

int sk_enroll(void) { return GENERAL; }

int sk_load_resident_keys(void) { return GENERAL; }

int sk_sign(uint32_t alg, const uint8_t *data, size_t length, const char *application, const uint8_t *handle,
            size_t handle_length, uint8_t flags, const char *pin, void *options, void **response)
{
    const char *what = getenv("CCI_SSH_TEST_AUTHENTICATOR");
    if (what != NULL && strcmp(what, "pin") == 0)
        return PIN_REQUIRED;
    if (what != NULL && strcmp(what, "waits") == 0)
        sleep(3600);
    return GENERAL;
}
