package simulator

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// Command is one line of the command menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// MenuButton is the button beside the input field: "commands", "default" or "web_app".
type MenuButton struct {
	Type string
	Text string
	URL  string
}

// Limits of command lists.
const (
	maxCommands           = 100
	maxCommand            = 32
	maxCommandDescription = 256
)

// commandKey names one list of commands. A scope is "default", "all_private_chats" or "chat 42".
type commandKey struct{ scope, language string }

var (
	commandPattern  = regexp.MustCompile(`^[a-z0-9_]+$`)
	languagePattern = regexp.MustCompile(`^([a-z]{2})?$`)
)

// scopeArg reads the argument scope into a name for the list.
func (s *Simulator) scopeArg(q *query) (string, *apiError) {
	arg := q.args["scope"]
	if arg == "" {
		return "default", nil
	}
	if !validJSON(arg) {
		return "", bad("Can't parse BotCommandScope JSON object")
	}
	o, ok := readObject(arg)
	if !ok {
		return "", bad("Can't parse BotCommandScope: BotCommandScope must be an Object")
	}
	kind, err := o.required("type")
	if err != nil {
		return "", bad("Can't parse BotCommandScope: " + err.Error())
	}
	switch kind {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return kind, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return "", bad("Can't parse BotCommandScope: Unsupported type specified")
	}
	id, err := o.required("chat_id")
	if err != nil {
		return "", bad("Can't parse BotCommandScope: " + err.Error())
	}
	if id == "" {
		return "", bad("Can't parse BotCommandScope: Empty chat_id specified")
	}
	c := s.people[leadingInt(id)]
	if c == nil || !c.started {
		return "", bad("chat not found")
	}
	if kind != "chat" { // administrators and members are of groups
		return "", bad("Can't use specified scope in private chats")
	}
	return "chat " + id, nil
}

func languageArg(q *query) (string, *apiError) {
	language := q.args["language_code"]
	if !languagePattern.MatchString(language) {
		return "", bad("Invalid language code specified")
	}
	return language, nil
}

// commandList reads both arguments that name a list.
func (s *Simulator) commandList(q *query) (commandKey, *apiError) {
	scope, err := s.scopeArg(q)
	if err != nil {
		return commandKey{}, err
	}
	language, err := languageArg(q)
	return commandKey{scope, language}, err
}

func (s *Simulator) setMyCommands(q *query) (any, *apiError) {
	commands, err := readCommands(q.args["commands"])
	if err != nil {
		return nil, err
	}
	key, err := s.commandList(q)
	if err != nil {
		return nil, err
	}
	for i := range commands {
		if err := commands[i].check(); err != nil {
			return nil, err
		}
	}
	if len(commands) > maxCommands {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	if len(commands) == 0 {
		delete(s.commands, key)
	} else {
		s.commands[key] = commands
	}
	s.menusChanged()
	return true, nil
}

func readCommands(arg string) ([]Command, *apiError) {
	if arg == "" {
		return nil, nil
	}
	if !validJSON(arg) {
		return nil, bad("Can't parse commands JSON object")
	}
	list := gjson.Parse(arg)
	if !list.IsArray() {
		return nil, bad("Expected an Array of BotCommand")
	}
	var commands []Command
	for _, item := range list.Array() {
		o, ok := objectOf(item)
		if !ok {
			return nil, bad("Can't parse BotCommand: expected an Object")
		}
		command, err := o.required("command")
		if err != nil {
			return nil, bad("Can't parse BotCommand: " + err.Error())
		}
		description, err := o.required("description")
		if err != nil {
			return nil, bad("Can't parse BotCommand: " + err.Error())
		}
		commands = append(commands, Command{Command: command, Description: description})
	}
	return commands, nil
}

// check trims a command as TDLib does and refuses what it or the server refuses.
func (c *Command) check() *apiError {
	command, _, err := cleanText(c.Command, nil)
	if err != nil || !utf8.ValidString(c.Command) {
		return bad("Command must be encoded in UTF-8")
	}
	description, _, err := cleanText(c.Description, nil)
	if err != nil || !utf8.ValidString(c.Description) {
		return bad("Command description must be encoded in UTF-8")
	}
	c.Command = strings.TrimPrefix(strings.TrimSpace(command), "/")
	c.Description = strings.TrimSpace(description)
	switch {
	case c.Command == "":
		return bad("Command must be non-empty")
	case utf8.RuneCountInString(c.Command) > maxCommand:
		return bad("Command length must not exceed 32")
	case c.Description == "":
		return bad("Command description must be non-empty")
	case utf8.RuneCountInString(c.Description) > maxCommandDescription:
		return bad("Command description length must not exceed 256")
	case !commandPattern.MatchString(c.Command):
		return bad("BOT_COMMAND_INVALID")
	}
	return nil
}

func (s *Simulator) getMyCommands(q *query) (any, *apiError) {
	key, err := s.commandList(q)
	if err != nil {
		return nil, err
	}
	if list := s.commands[key]; list != nil {
		return slices.Clone(list), nil
	}
	return []Command{}, nil
}

func (s *Simulator) deleteMyCommands(q *query) (any, *apiError) {
	key, err := s.commandList(q)
	if err != nil {
		return nil, err
	}
	delete(s.commands, key)
	s.menusChanged()
	return true, nil
}

// menusChanged tells every screen to look at its menu again.
func (s *Simulator) menusChanged() {
	for _, id := range s.order {
		s.emit(Event{Type: EventCommands, Person: id})
	}
}

// Commands returns the menu she sees: the list of her chat, else that of private chats, else the default one;
// of each the one in her language first.
func (p *Person) Commands() []Command {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	language, _, _ := strings.Cut(asciiLower(s.people[p.ID].person.LanguageCode), "-")
	for _, scope := range []string{"chat " + formatID(p.ID), "all_private_chats", "default"} {
		for _, language := range []string{language, ""} {
			if list := s.commands[commandKey{scope, language}]; list != nil {
				return slices.Clone(list)
			}
		}
	}
	return nil
}

// Menu returns the button beside her input field.
func (p *Person) Menu() MenuButton {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.menu(p.ID)
}

// menu is the button of a person: her own, else everybody's (person 0), else the default one.
func (s *Simulator) menu(person int64) MenuButton {
	for _, id := range []int64{person, 0} {
		if m, ok := s.menus[id]; ok && m.Type != "default" {
			return m
		}
	}
	return MenuButton{Type: "default"}
}

// menuChat reads the optional chat_id of the menu button's methods; 0 is everybody.
func (s *Simulator) menuChat(q *query) (int64, *apiError) {
	if _, ok := q.args["chat_id"]; !ok {
		return 0, nil
	}
	id := max(leadingInt(q.args["chat_id"]), 0)
	if id == 0 {
		return 0, bad("Invalid chat_id specified")
	}
	if c := s.people[id]; c == nil || !c.started {
		return 0, bad("user not found")
	}
	return id, nil
}

func (s *Simulator) setChatMenuButton(q *query) (any, *apiError) {
	button := MenuButton{Type: "default"}
	if arg := q.args["menu_button"]; arg != "" {
		if !validJSON(arg) {
			return nil, bad("Can't parse menu button JSON object")
		}
		o, ok := readObject(arg)
		if !ok {
			return nil, bad("Can't parse MenuButton: MenuButton must be an Object")
		}
		var err error
		if button, err = parseMenuButton(o); err != nil {
			return nil, bad("Can't parse MenuButton: " + err.Error())
		}
	}
	id, err := s.menuChat(q)
	if err != nil {
		return nil, err
	}
	if button.Type == "web_app" {
		if button.Text == "" {
			return nil, bad("Menu button text must be non-empty")
		}
		if button.URL, err = checkAppLink("Menu button", button.URL); err != nil {
			return nil, err
		}
	}
	s.menus[id] = button
	s.menusChanged()
	return true, nil
}

func parseMenuButton(o object) (MenuButton, error) {
	kind, err := o.required("type")
	if err != nil {
		return MenuButton{}, err
	}
	switch kind {
	case "default", "commands":
		return MenuButton{Type: kind}, nil
	case "web_app":
	default:
		return MenuButton{}, errText("Unsupported type specified")
	}
	button := MenuButton{Type: kind}
	if button.Text, err = o.required("text"); err != nil {
		return MenuButton{}, err
	}
	app, err := o.object("web_app")
	if err != nil {
		return MenuButton{}, err
	}
	button.URL, err = app.required("url")
	return button, err
}

func (s *Simulator) getChatMenuButton(q *query) (any, *apiError) {
	id, err := s.menuChat(q)
	if err != nil {
		return nil, err
	}
	m := s.menu(id)
	answer := map[string]any{"type": m.Type}
	if m.Type == "web_app" {
		answer["text"], answer["web_app"] = m.Text, map[string]string{"url": m.URL}
	}
	return answer, nil
}

// CommandLists returns every list that is set, by "scope" or "scope language".
func (s *Simulator) CommandLists() map[string][]Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	lists := make(map[string][]Command, len(s.commands))
	for key := range maps.Keys(s.commands) {
		lists[strings.TrimSpace(key.scope+" "+key.language)] = slices.Clone(s.commands[key])
	}
	return lists
}
