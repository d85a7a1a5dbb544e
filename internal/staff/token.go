package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// LinkLife is how long a link may be used.
const LinkLife = 72 * time.Hour

// tokenBytes is the length of a token: 128 bits, 22 letters in the link.
const tokenBytes = 16

// newToken returns a token for t.me/<bot>?start=<token> and the hash to keep of it. The token itself is shown now or never.
func newToken() (token string, hash []byte) {
	secret := make([]byte, tokenBytes)
	rand.Read(secret) // never fails
	token = base64.RawURLEncoding.EncodeToString(secret)
	return token, hashToken(token)
}

// hashToken needs no salt and no slowness: a token is random enough that no list of guesses reaches it.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
