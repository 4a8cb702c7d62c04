// A receiver of events as users of Distribution have them: every field has a type, and a field that
// is not known is an error. It prints a line for each event, without what differs by nature.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Size        int64             `json:"size"`
	Digest      string            `json:"digest"`
	URLs        []string          `json:"urls"`
	Annotations map[string]string `json:"annotations"`
	Platform    *struct {
		Architecture string   `json:"architecture"`
		OS           string   `json:"os"`
		OSVersion    string   `json:"os.version"`
		OSFeatures   []string `json:"os.features"`
		Variant      string   `json:"variant"`
	} `json:"platform"`
}

type event struct {
	ID        string    `json:"id"`
	Timestamp time.Time `json:"timestamp"`
	Action    string    `json:"action"`
	Target    struct {
		descriptor
		Length         int64        `json:"length"`
		Repository     string       `json:"repository"`
		FromRepository string       `json:"fromRepository"`
		URL            string       `json:"url"`
		Tag            string       `json:"tag"`
		References     []descriptor `json:"references"`
	} `json:"target"`
	Request struct {
		ID        string `json:"id"`
		Addr      string `json:"addr"`
		Host      string `json:"host"`
		Method    string `json:"method"`
		UserAgent string `json:"useragent"`
	} `json:"request"`
	Actor struct {
		Name string `json:"name"`
	} `json:"actor"`
	Source struct {
		Addr       string `json:"addr"`
		InstanceID string `json:"instanceID"`
	} `json:"source"`
}

func receive(response http.ResponseWriter, request *http.Request) {
	var envelope struct {
		Events []event `json:"events"`
	}
	decoder := json.NewDecoder(request.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&envelope); err != nil {
		fmt.Println("cannot read the envelope:", err)
		response.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range envelope.Events {
		if e.ID == "" || e.Timestamp.IsZero() || e.Request.ID == "" || e.Request.Addr == "" ||
			e.Source.Addr == "" || e.Source.InstanceID == "" {
			fmt.Println("cannot do without what this event lacks:", e)
		}
		target, _ := json.Marshal(e.Target)
		fmt.Println(e.Action, e.Request.Method, e.Request.Host, e.Request.UserAgent, e.Actor.Name, string(target))
	}
}

func main() {
	http.HandleFunc("/", receive)
	fmt.Println(http.ListenAndServe(os.Args[1], nil))
}
