package simulator

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkLink returns the address as Telegram keeps it, or why it is none (LinkManager::check_link_impl).
func checkLink(link string) (string, error) {
	scheme, rest := "", link
	for _, own := range []string{"tg", "ton", "tonsite"} {
		if after, ok := strings.CutPrefix(asciiLower(link), own+":"); ok {
			scheme, rest = own, strings.TrimPrefix(link[len(link)-len(after):], "//")
			break
		}
	}
	protocol, host, path, err := splitURL(rest)
	if err != nil {
		return "", err
	}
	if scheme != "" {
		if protocol == "https" || strings.HasPrefix(asciiLower(rest), "http://") || strings.ContainsAny(host, ":@") {
			if scheme == "tg" {
				return "", errors.New("Wrong tg URL")
			}
			return "", errors.New("Wrong ton URL")
		}
		for _, c := range []byte(host) {
			if !isAlnum(c) && c != '-' && c != '_' && !(scheme == "tonsite" && c == '.') {
				return "", errors.New("Unallowed characters in URL host")
			}
		}
		if strings.HasPrefix(path, "/?") {
			path = path[1:]
		}
		return scheme + "://" + host + path, nil
	}
	if !strings.Contains(host, ".") && !strings.HasPrefix(host, "[") {
		return "", errors.New("Wrong HTTP URL")
	}
	return protocol + "://" + host + path, nil
}

// splitURL follows td::parse_url: no scheme means http, the host is lower-cased, an empty path is "/".
func splitURL(link string) (protocol, host, path string, err error) {
	protocol = "http"
	if before, after, ok := strings.Cut(link, "://"); ok && !strings.Contains(before, ":") {
		if protocol = asciiLower(before); protocol != "http" && protocol != "https" {
			return "", "", "", errors.New("Unsupported URL protocol")
		}
		link = after
	}
	end := strings.IndexAny(link, "/?#")
	if end < 0 {
		end = len(link)
	}
	host, path = asciiLower(link[:end]), strings.TrimRightFunc(link[end:], unicode.IsSpace)
	bare := host[strings.LastIndex(host, "@")+1:]
	if name, port, ok := strings.Cut(bare, ":"); ok && !strings.HasPrefix(bare, "[") {
		if n, err := strconv.Atoi(port); err != nil || n <= 0 || n > 65535 {
			return "", "", "", errors.New("Wrong port number specified in the URL")
		}
		bare = name
	}
	if bare == "" {
		return "", "", "", errors.New("URL host is empty")
	}
	if strings.ContainsFunc(bare, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\\<>\"`|^{}", r) }) {
		return "", "", "", errors.New("Wrong URL host")
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return protocol, host, strings.ReplaceAll(path, " ", "%20"), nil
}

// Entities that every client and the server find by themselves in a plain text.
var foundPatterns = []struct {
	kind    string
	needs   func(text string) bool // where it does not hold, the pattern need not be tried
	pattern *regexp.Regexp
}{
	{"bot_command", has("/"), regexp.MustCompile(`/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?`)},
	{"email", has("@"), regexp.MustCompile(`[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)},
	{"url", mayLink, regexp.MustCompile(`(?i)(?:https?://[^\s<>"«»]+|` +
		`(?:[a-z0-9-]+\.)+(?:com|org|net|me|io|eg|sa|kw|ae|dev|app|info|ru|de|uk)(?:[/?#][^\s<>"«»]*)?)`)},
	{"mention", has("@"), regexp.MustCompile(`@[A-Za-z0-9_]{3,32}`)},
	{"hashtag", has("#"), regexp.MustCompile(`#[\p{L}\p{N}_]{1,255}`)},
	{"phone_number", has("+"), regexp.MustCompile(`\+[0-9][0-9 -]{6,17}[0-9]`)},
}

func has(piece string) func(string) bool {
	return func(text string) bool { return strings.Contains(text, piece) }
}

// mayLink tells whether a text has what every address has: a protocol, or a dot between what a host name may hold.
func mayLink(text string) bool {
	if strings.Contains(text, "://") {
		return true
	}
	for i, c := range []byte(text) {
		if c == '.' && i > 0 && i+1 < len(text) && (isAlnum(text[i-1]) || text[i-1] == '-') && isAlpha(text[i+1]) {
			return true
		}
	}
	return false
}

// findEntities finds commands, addresses, mentions, hashtags and phone numbers. Of two that overlap the one
// that is listed first above stays.
func findEntities(text string) []Entity {
	var found []Entity
	for _, p := range foundPatterns {
		if !p.needs(text) {
			continue
		}
		for _, at := range p.pattern.FindAllStringIndex(text, -1) {
			from, to := at[0], at[1]
			if !standsAlone(text, from, to, p.kind) {
				continue
			}
			if p.kind == "url" {
				to = from + len(strings.TrimRight(text[from:to], ".,:;!?'\")"))
			}
			e := Entity{Type: p.kind, Offset: utf16Len(text[:from]), Length: utf16Len(text[from:to])}
			taken := false
			for _, other := range found {
				taken = taken || overlap(other, e)
			}
			if !taken {
				found = append(found, e)
			}
		}
	}
	sortEntities(found)
	return found
}

// standsAlone reports whether what was found is not part of a longer word: "a/b" holds no command.
func standsAlone(text string, from, to int, kind string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	if from > 0 && (word(before) || strings.ContainsRune("/<>@", before) && kind != "url") {
		return false
	}
	if to == len(text) {
		return true
	}
	switch kind {
	case "bot_command":
		return !word(after) && !strings.ContainsRune("/<>@", after)
	case "mention", "hashtag", "phone_number", "email":
		return !word(after)
	}
	return true
}
