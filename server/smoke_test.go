package server_test
import ("testing";"fmt")
func TestSmoke(t *testing.T) {
	h := newServer(t, &fakePredictor{synthetic:true})
	for _, b := range []string{flatBody, historyBody, `{"age":5,"HR":80,"lactat":3,"lactate":{"value":400,"unit":"furlong"},"observations":[]}`, `{"age":NaN}`, `[`, ``, `{"age":67,"lactate":1,"temperature":101.3}x`,`{"age":67,"lactate":1,"temperature":101.3,"creatinine":{"value":1e308,"unit":"umol/L"}}`} {
		fmt.Println(predict(h, b).Body)
	}
	fmt.Println(send(h,"GET","/health","").Body, send(h,"GET","/health","","Accept","application/json").Body)
	fmt.Println(send(h,"GET","/nope","").Body, send(h,"GET","/predict/patient","").Body,send(h,"GET","/predict/patient","").Header())
	fmt.Println(send(h,"GET","/variables","").Body.String()[:600])
	fmt.Println(send(h,"GET","/","").Header(), send(h,"GET","/","").Code)
	fmt.Println(send(h,"GET","/openapi.json","").Body.String()[:3000])
}
