package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/gif"  // photos may be GIF,
	_ "image/jpeg" // JPEG
	_ "image/png"  // or PNG
	"mime"
	"net/http"
	"path"
	"strings"
)

// Limits of files, in bytes.
const (
	maxDownload  = 20 << 20
	maxPhoto     = 10 << 20
	maxDocument  = 50 << 20
	maxPhotoSide = 10_000 // width and height together
	maxRatio     = 20
)

// A file is kept for as long as the simulator lives. Simulator.mu guards the maps, a stored file never changes.
type file struct {
	id, unique    string
	kind          string // photo, document, voice, sticker
	path          string
	name, mime    string
	width, height int
	data          []byte
	sizes         []*file // of a photo: its smaller versions, then itself
}

func (f *file) wire() *wireFile {
	return &wireFile{
		FileID: f.id, FileUniqueID: f.unique, FileName: f.name, MIMEType: f.mime, Width: f.width, Height: f.height,
		FileSize: len(f.data),
	}
}

// store keeps a file under a new file_id. mu is held.
func (s *Simulator) store(kind, prefix, pathFormat string, data []byte) *file {
	var random [24]byte
	for i := 0; i < len(random); i += 8 {
		binary.LittleEndian.PutUint64(random[i:], s.random.Uint64())
	}
	f := &file{
		kind: kind, data: data,
		id:     prefix + base64.RawURLEncoding.EncodeToString(random[:]),
		unique: "AQAD" + base64.RawURLEncoding.EncodeToString(random[:8]),
		path:   fmt.Sprintf(pathFormat, len(s.files)),
	}
	s.files[f.id] = f
	s.paths[f.path] = f
	return f
}

// storePhoto keeps an image with the smaller versions that Telegram makes, and returns the largest's id.
func (s *Simulator) storePhoto(data []byte, width, height int) string {
	var sizes []*file
	for _, side := range []int{90, 320, 800, 1280} {
		longest := max(width, height)
		scale := min(1, float64(side)/float64(longest))
		f := s.store("photo", "AgACAgI", "photos/file_%d.jpg", data)
		f.width, f.height = max(1, int(float64(width)*scale)), max(1, int(float64(height)*scale))
		sizes = append(sizes, f)
		if side >= longest {
			break
		}
	}
	for _, f := range sizes {
		f.sizes = sizes
	}
	return sizes[len(sizes)-1].id
}

func (s *Simulator) photoSizes(id string) []wireFile {
	var sizes []wireFile
	for _, f := range s.files[id].sizes {
		sizes = append(sizes, *f.wire())
	}
	return sizes
}

func (s *Simulator) storeDocument(name string, data []byte) *Document {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	extension := path.Ext(name)
	f := s.store("document", "BQACAgI", "documents/file_%d"+strings.ReplaceAll(extension, "%", ""), data)
	f.name, f.mime = name, mime.TypeByExtension(extension)
	if f.mime == "" {
		f.mime = "application/octet-stream"
	}
	f.mime, _, _ = strings.Cut(f.mime, ";")
	return &Document{FileID: f.id, Name: f.name, MIME: f.mime, Size: len(data)}
}

// sticker is the one sticker file that serves for every emoji.
func (s *Simulator) sticker(emoji string) *file {
	for _, f := range s.files {
		if f.kind == "sticker" && f.name == emoji {
			return &file{id: f.id, unique: f.unique, width: 512, height: 512, data: f.data}
		}
	}
	f := s.store("sticker", "CAACAgI", "stickers/file_%d.webp", []byte("RIFF simulated WEBP"))
	f.name = emoji
	return &file{id: f.id, unique: f.unique, width: 512, height: 512, data: f.data}
}

func imageSize(data []byte) (width, height int, ok bool) {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	return config.Width, config.Height, err == nil && config.Width > 0 && config.Height > 0
}

// fileArg reads a file argument: an upload of that name, attach://name, a file_id, or an address.
func (s *Simulator) fileArg(q *query, field, value string) (up *upload, known *file, err *apiError) {
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		field, value = name, ""
	}
	if value != "" {
		if known = s.files[value]; known != nil {
			return nil, known, nil
		}
		if strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") {
			return nil, nil, s.unable("files by HTTP address")
		}
		return nil, nil, bad(wrongFileID(value))
	}
	if u, ok := q.files[field]; ok {
		return &u, nil, nil
	}
	return nil, nil, nil
}

// wrongFileID is what is wrong with a file_id that names no file: TDLib decodes it first.
func wrongFileID(id string) string {
	switch {
	case strings.Contains(id, "."):
		return "Wrong file identifier/HTTP URL specified" // tried as an address without a scheme
	case strings.Trim(id, base64URL) != "":
		return "Wrong remote file identifier specified: Wrong character in the string"
	case len(id)%4 == 1:
		return "Wrong remote file identifier specified: Wrong string length"
	}
	return "Wrong remote file identifier specified: can't unserialize it"
}

// hasFile reports whether a call carries a file argument at all.
func (q *query) hasFile(field string) bool {
	value := q.args[field]
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		field, value = name, ""
	}
	_, uploaded := q.files[field]
	return value != "" || uploaded
}

// photoFrom makes a photo of what fileArg found.
func (s *Simulator) photoFrom(up *upload, known *file) (*Photo, *apiError) {
	if known != nil {
		if known.kind != "photo" {
			return nil, bad("can't use file of type " + titleCase(known.kind) + " as Photo")
		}
		largest := known.sizes[len(known.sizes)-1]
		return &Photo{FileID: largest.id, Width: largest.width, Height: largest.height}, nil
	}
	switch {
	case len(up.data) == 0:
		return nil, bad("file must be non-empty")
	case len(up.data) > maxPhoto:
		return nil, bad(fmt.Sprintf("File of size %d bytes is too big for a photo; the maximum size is %d bytes",
			len(up.data), maxPhoto))
	}
	width, height, ok := imageSize(up.data)
	if !ok {
		return nil, bad("IMAGE_PROCESS_FAILED")
	}
	if width+height > maxPhotoSide || max(width, height) > maxRatio*min(width, height) {
		return nil, bad("PHOTO_INVALID_DIMENSIONS")
	}
	return &Photo{FileID: s.storePhoto(up.data, width, height), Width: width, Height: height}, nil
}

func (s *Simulator) documentFrom(up *upload, known *file) (*Document, *apiError) {
	if known != nil {
		if known.kind != "document" {
			return nil, bad("can't use file of type " + titleCase(known.kind) + " as Document")
		}
		return &Document{FileID: known.id, Name: known.name, MIME: known.mime, Size: len(known.data)}, nil
	}
	switch {
	case len(up.data) == 0:
		return nil, bad("file must be non-empty")
	case len(up.data) > maxDocument:
		return nil, &apiError{code: 413, text: "Request Entity Too Large"}
	}
	return s.storeDocument(up.name, up.data), nil
}

func titleCase(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }

func (s *Simulator) sendPhoto(q *query) (any, *apiError) { return s.sendFile(q, KindPhoto) }

func (s *Simulator) sendDocument(q *query) (any, *apiError) { return s.sendFile(q, KindDocument) }

func (s *Simulator) sendFile(q *query, kind Kind) (any, *apiError) {
	if !q.hasFile(string(kind)) {
		return nil, bad("There is no " + string(kind) + " in the request")
	}
	text, entities, err := formatted(q.args["caption"], q.args["parse_mode"], q.args["caption_entities"])
	if err != nil {
		return nil, err
	}
	return s.send(q, func(*chat) (*Message, *apiError) {
		m := &Message{Kind: kind}
		up, known, err := s.fileArg(q, string(kind), q.args[string(kind)])
		if err != nil {
			return nil, err
		}
		if m.Text, m.Entities, err = fixCaption(text, entities); err != nil {
			return nil, err
		}
		if kind == KindPhoto {
			m.Photo, err = s.photoFrom(up, known)
		} else {
			m.Document, err = s.documentFrom(up, known)
		}
		return m, err
	})
}

// mediaArg reads the argument media of editMessageMedia.
func (s *Simulator) mediaArg(q *query) (*Message, *apiError) {
	arg := q.args["media"]
	if arg == "" {
		return nil, bad(`Parameter "media" is required`)
	}
	if !validJSON(arg) {
		return nil, bad("Can't parse input media JSON object")
	}
	o, ok := readObject(arg)
	if !ok {
		return nil, bad("Can't parse InputMedia: expected an Object")
	}
	fields := map[string]string{}
	for _, name := range []string{"type", "media", "caption", "parse_mode"} {
		value, err := o.text(name)
		if err != nil {
			return nil, bad("Can't parse InputMedia: " + err.Error())
		}
		fields[name] = value
	}
	text, entities, err := formatted(fields["caption"], fields["parse_mode"], o.raw("caption_entities"))
	if err != nil {
		return nil, bad("Can't parse InputMedia: " + lowerFirst(strings.TrimPrefix(err.text, "Bad Request: ")))
	}
	m := &Message{Kind: Kind(fields["type"])}
	if m.Kind != KindPhoto && m.Kind != KindDocument {
		return nil, s.unable("media of type " + fields["type"])
	}
	up, known, err := s.fileArg(q, "media", fields["media"])
	if err != nil {
		return nil, err
	}
	if up == nil && known == nil {
		return nil, bad("Can't parse InputMedia: media not found")
	}
	if m.Text, m.Entities, err = fixCaption(text, entities); err != nil {
		return nil, err
	}
	if m.Kind == KindPhoto {
		m.Photo, err = s.photoFrom(up, known)
	} else {
		m.Document, err = s.documentFrom(up, known)
	}
	return m, err
}

func (s *Simulator) getFile(q *query) (any, *apiError) {
	if q.args["file_id"] == "" {
		return nil, bad("file_id not specified")
	}
	f := s.files[q.args["file_id"]]
	switch {
	case f == nil:
		return nil, bad("invalid file_id")
	case len(f.data) > maxDownload:
		return nil, bad("file is too big")
	}
	return wireFile{FileID: f.id, FileUniqueID: f.unique, FileSize: len(f.data), FilePath: f.path}, nil
}

// serveFile answers GET /file/bot<token>/<file_path>.
func (s *Simulator) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	if err := s.authorize(token); err != nil {
		writeError(w, err)
		return
	}
	s.mu.Lock()
	f := s.paths[name]
	s.mu.Unlock()
	if f == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		writeError(w, &apiError{code: 404, text: "Not Found"})
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(f.data) // who hung up does not read it
}

// File returns the bytes and the media type of a photo, document or voice message; ok is false if there is
// none of that file_id.
func (s *Simulator) File(fileID string) (data []byte, mediaType string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[fileID]
	if f == nil {
		return nil, "", false
	}
	if f.mime == "" {
		return f.data, http.DetectContentType(f.data), true
	}
	return f.data, f.mime, true
}
