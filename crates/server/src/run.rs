use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::ctx::{Ctx, State};
use crate::router::router;

/// How long requests under way may take once the server is about to stop.
const LAST_CALLS: Duration = Duration::from_secs(10);

/// Answers on the listener until [`crate::Stop::now`] is called, then lets requests under
/// way end, ten seconds at most.
///
/// # Errors
/// Those of the listener.
pub async fn run(ctx: Ctx, listener: TcpListener) -> io::Result<()> {
    // Answers are small: without this each would wait for the one before to be acknowledged.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let service = router(ctx.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stop = ctx.stop.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown({
        let stop = stop.clone();
        async move { stop.wait().await }
    });
    let late = async {
        stop.wait().await;
        ctx.health.set(State::Stopping);
        tokio::time::sleep(LAST_CALLS).await;
    };
    tokio::select! {
        ended = server => ended,
        () = late => Ok(()),
    }
}
