(function () {
  const config = { displaylogo: false, displayModeBar: false, responsive: true };
  const draw = (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    Plotly.newPlot(place, figure.data, figure.layout, config);
  };
  const places = document.querySelectorAll(".plot");
  // A page of fifty parents draws what is looked at, and all of it before it is printed.
  const seen = new IntersectionObserver((entries) => entries.forEach((e) => e.isIntersecting && draw(e.target)), { rootMargin: "600px" });
  places.forEach((place) => seen.observe(place));
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((d) => { d.open = true; });
    places.forEach(draw);
  });
})();
