package simulator

import (
	"strings"
	"unicode/utf8"
)

// profileKey names one of the bot's texts in one language; "" is every other language.
type profileKey struct{ field, language string }

// profileSetter makes the method that sets one of the bot's texts, by language. The server's codes for texts
// that are too long are not published; the refusal is.
func profileSetter(field string, most int) method {
	return func(s *Simulator, q *query) (any, *apiError) {
		language, err := languageArg(q)
		if err != nil {
			return nil, err
		}
		text := strings.TrimSpace(q.args[field])
		if utf8.RuneCountInString(text) > most {
			return nil, bad(field + " is too long")
		}
		s.profile[profileKey{field, language}] = text
		return true, nil
	}
}

func profileGetter(field string) method {
	return func(s *Simulator, q *query) (any, *apiError) {
		language, err := languageArg(q)
		if err != nil {
			return nil, err
		}
		for _, language := range []string{language, ""} {
			if text := s.profile[profileKey{field, language}]; text != "" {
				return map[string]string{field: text}, nil
			}
		}
		if field == "name" {
			return map[string]string{field: s.cfg.BotName}, nil
		}
		return map[string]string{field: ""}, nil
	}
}

// setMyProfilePhoto takes a static photo that is uploaded with the call.
func (s *Simulator) setMyProfilePhoto(q *query) (any, *apiError) {
	arg := q.args["photo"]
	if arg == "" {
		return nil, bad("Photo isn't specified")
	}
	if !validJSON(arg) {
		return nil, bad("Can't parse photo JSON object")
	}
	o, ok := readObject(arg)
	if !ok {
		return nil, bad("Object expected as profile photo")
	}
	switch kind, err := o.required("type"); {
	case err != nil:
		return nil, bad(err.Error())
	case kind == "animated":
		return nil, s.unable("animated profile photo")
	case kind != "static":
		return nil, bad("Invalid profile photo type specified")
	}
	name, err := o.required("photo")
	if err != nil {
		return nil, bad(err.Error())
	}
	up, ok := q.files[strings.TrimPrefix(name, "attach://")]
	if !ok || !strings.HasPrefix(name, "attach://") {
		return nil, bad("Photo must be uploaded as a file")
	}
	if _, err := s.photoFrom(&up, nil); err != nil {
		return nil, err
	}
	return true, nil
}

func (s *Simulator) removeMyProfilePhoto(*query) (any, *apiError) { return true, nil }
